// Keeps the queue fresh. Everything also works without it, by reloading.
import { follow } from "./poll.js";

const lists = document.getElementById("lists");
const shown = () => lists.querySelector("[data-mark]").dataset;
let before = lists.innerHTML.trim();

follow(() => `${lists.dataset.from}?mark=${shown().mark}`, (fresh) => {
  const now = fresh.innerHTML.trim();
  if (now === before) return;
  const waited = Number(shown().waiting);
  const focused = lists.contains(document.activeElement) ? document.activeElement.id : "";
  lists.replaceChildren(...fresh.childNodes);
  before = now;
  if (focused) document.getElementById(focused)?.focus();
  const waiting = Number(shown().waiting);
  if (waiting > waited) {
    const news = document.getElementById("news");
    news.textContent = news.dataset.words.replace("{n}", waiting);
  }
});
