// Keeps the desk's pages fresh. Everything also works without it, by reloading.
"use strict";

const QUEUE_EVERY = 5000;
const CHAT_EVERY = 2000;

function show(id, visible) {
  const element = document.getElementById(id);
  if (element) element.hidden = !visible;
}

// One question at a time: the next is asked when the last is answered.
function ask(address, every, use) {
  let timer = 0;
  let asking = false;
  async function once() {
    clearTimeout(timer);
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(address(), { cache: "no-store" });
      if (answer.status === 401) return location.assign("/desk/sign-in");
      if (!answer.ok) throw new Error("answer");
      show("no-contact", false);
      use(new DOMParser().parseFromString(await answer.text(), "text/html").body);
    } catch {
      show("no-contact", true);
    } finally {
      asking = false;
    }
    timer = setTimeout(once, every);
  }
  timer = setTimeout(once, every);
  return once;
}

function followQueue(lists) {
  let before = lists.innerHTML.trim();
  const waiting = (root) => Number(root.querySelector("[data-waiting]").dataset.waiting);
  ask(() => lists.dataset.from, QUEUE_EVERY, (fresh) => {
    const now = fresh.innerHTML.trim();
    if (now === before) return;
    const more = waiting(fresh) > waiting(lists);
    const focused = lists.contains(document.activeElement) ? document.activeElement.id : "";
    lists.replaceChildren(...fresh.childNodes);
    before = now;
    if (focused) document.getElementById(focused)?.focus();
    if (more) {
      const news = document.getElementById("news");
      news.textContent = news.dataset.words.replace("{n}", waiting(lists));
    }
  });
}

function followChat(log) {
  const list = log.querySelector("ol");
  const lastSeq = () => Number(list.lastElementChild?.dataset.seq ?? 0);
  const toNewest = () => { log.scrollTop = log.scrollHeight; };
  const form = document.getElementById("write");

  function over(status) {
    const words = document.getElementById("over");
    if (!words.hidden) return;
    words.textContent = words.dataset[status];
    words.hidden = false;
    show("write", false);
    show("closing", false);
    // What is erased on the server does not stay on the screen either.
    for (const piece of document.querySelectorAll(".answers, .ongoing")) piece.remove();
    if (status === "left") list.replaceChildren();
  }

  const refresh = ask(() => `${log.dataset.from}?after=${lastSeq()}`, CHAT_EVERY, (fresh) => {
    const answer = fresh.querySelector("ol");
    const news = [...answer.children].filter((line) => Number(line.dataset.seq) > lastSeq());
    if (news.length) {
      list.append(...news);
      toNewest();
    }
    if (answer.dataset.status !== "claimed") over(answer.dataset.status);
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    show("failed", false);
    try {
      const body = new URLSearchParams(new FormData(form));
      const headers = { "X-From-Script": "1" };
      const answer = await fetch(form.action, { method: "POST", body, headers, redirect: "manual" });
      if (answer.type !== "opaqueredirect") throw new Error("answer");
      form.text.value = "";
      form.key.value = `${Date.now()}.${Math.random()}`;
      await refresh();
    } catch {
      show("failed", true);
    } finally {
      button.disabled = false;
      form.text.focus();
    }
  });
  toNewest();
}

const lists = document.getElementById("lists");
if (lists) followQueue(lists);
const log = document.getElementById("log");
if (log) followChat(log);
