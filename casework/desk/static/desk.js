// Keeps the queue fresh. Everything also works without it, by reloading.
import { sound, waiting as call } from "./calling.js";
import { follow } from "./poll.js";

const lists = document.getElementById("lists");
const shown = () => lists.querySelector("[data-mark]").dataset;
let before = lists.innerHTML.trim();

const contacts = (where) => where.querySelector("#contact-lists");
const known = () => `mark=${shown().mark}&contacts=${contacts(lists).dataset.contacts}`;

follow(() => `${lists.dataset.from}?${known()}`, (fresh) => {
  // The list of contacts is long and seldom new: where it is as it was, it stays.
  if ("asKnown" in contacts(fresh).dataset) contacts(fresh).replaceWith(contacts(lists).cloneNode(true));
  const now = fresh.innerHTML.trim();
  if (now === before) return;
  const waited = Number(shown().waiting);
  const focused = lists.contains(document.activeElement) ? document.activeElement.id : "";
  lists.replaceChildren(...fresh.childNodes);
  before = now;
  if (focused) document.getElementById(focused)?.focus();
  const waiting = Number(shown().waiting);
  call(waiting);
  if (waiting > waited) {
    sound();
    const news = document.getElementById("news");
    news.textContent = news.dataset.words.replace("{n}", waiting);
  }
});
