// The chat: news as they come, writing without reloading, signs of the person. Everything also works without it, by reloading.
import { follow, newKey, send, show } from "./poll.js";

const WRITING_EVERY_MS = 3000;
const log = document.getElementById("log");
const list = log.querySelector("ol");
const now = document.getElementById("now");
const form = document.getElementById("write");
const replies = document.getElementById("replies");
const signs = document.getElementById("signs");
let toldWriting = 0;

const state = () => now.firstElementChild.dataset;
const lastSeq = () => Number(list.lastElementChild?.dataset.seq ?? 0);
const mineLast = () => Number([...list.querySelectorAll(".bubble.human")].at(-1)?.dataset.seq ?? 0);
const toNewest = () => { log.scrollTop = log.scrollHeight; };

function address() {
  const seen = document.visibilityState === "visible" ? lastSeq() : 0;
  return `${log.dataset.from}?after=${lastSeq()}&seen=${seen}&mark=${state().mark ?? ""}`;
}

const again = follow(address, (fresh) => {
  const answer = fresh.querySelector("ol");
  const news = [...answer.children].filter((line) => Number(line.dataset.seq) > lastSeq());
  if (news.length) {
    list.append(...news);
    toNewest();
  }
  if (answer.dataset.status !== "claimed") {
    over(answer.dataset);
    return false; // There is no more news.
  }
  stand(fresh.querySelector(".now"));
  return true;
});

/** How things stand: said aloud only when the words are others. */
function stand(fresh) {
  if (now.textContent.trim() === fresh.textContent.trim()) Object.assign(state(), fresh.dataset);
  else now.replaceChildren(fresh);
  const open = state().open === "1";
  show("held", !open);
  show("replies-off", !open);
  for (const button of document.querySelectorAll("[data-sensitive]")) button.disabled = !open;
  const mine = mineLast();
  const said = state().writing ? signs.dataset.writing
    : !mine ? "" : Number(state().readTo) >= mine ? signs.dataset.read : signs.dataset.unread;
  if (signs.textContent !== said) signs.textContent = said;
}

function over({ status, words: said }) {
  const words = document.getElementById("over");
  if (!words.hidden) return;
  words.textContent = said ?? words.dataset[status];
  words.hidden = false;
  show("write", false);
  show("now", false);
  // What is erased on the server does not stay on the screen either. A clock that runs does: the duty to report is still there.
  const clock = document.querySelector(".clock[data-since]");
  for (const piece of document.querySelectorAll(".answers, .ongoing")) piece.remove();
  if (clock) words.after(clock);
  if (status === "left" || status === "taken") list.replaceChildren();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  show("failed", false);
  if (await send(form)) {
    form.text.value = "";
    form.key.value = newKey();
    again();
  } else show("failed", true);
  button.disabled = false;
  form.text.focus();
});

replies?.addEventListener("submit", async (event) => {
  event.preventDefault();
  show("failed", false);
  if (await send(replies, event.submitter)) {
    replies.key.value = newKey();
    again();
  } else show("failed", true);
});

form.text.addEventListener("input", () => {
  if (Date.now() - toldWriting < WRITING_EVERY_MS) return;
  toldWriting = Date.now();
  const body = new URLSearchParams({ form_token: form.form_token.value });
  fetch(form.dataset.writing, { method: "POST", body, headers: { "X-From-Script": "1" } }).catch(() => {});
});

// Ctrl+Enter sends; Enter alone makes a new line, so that nothing goes out by mistake.
form.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") again();
});
toNewest();
