// The conversation: sends the forms without reloading, merges what the server answers, covers the page by itself.
// Keeps nothing anywhere but in this page, writes no history, and shows no words of its own: they are in the page.
// "gone" on the root element means that the person has left (exit.js): nothing may be shown after that.

import { merge } from "./merge.js";
import { newsFrom } from "./news.js";

const root = document.documentElement;
const coverPage = document.getElementById("cover");
const trouble = document.getElementById("trouble");
const PATIENCE_MS = 20000;
const LASTING = 3;
const AGAIN_MS = 700;
const WRITING_EVERY_MS = 3000;
const OVER = [401, 403, 404, 410]; // the conversation has ended or is nobody's

let inFlight = null; // the AbortController of a form on its way
let unsent = null; // {key, text} of a form that may or may not have arrived
let draft = null; // {text, replyTo, open} put aside while the page is covered
let covers = 0; // how often the page was covered: what was asked for before that is not shown after it
let sent = 0; // how many forms: an answer to "what is new" that was asked before the latest form is out of date
let missed = false; // news that came while a form or a fetch was on its way
let fetching = false;
let failures = 0;
let turning = null; // the key of a change of subject that the server may not have heard of yet
let touched = Date.now();
let toldWriting = 0;

const conversation = () => document.getElementById("conversation");
const words = () => document.getElementById("words");
const planning = document.getElementById("planning");
// The last words, neutral ones, came as an answer here: news that it is over may not take them away. An end that comes as news does.
const over = () => conversation().dataset.over === "yes";
const gone = () => root.classList.contains("gone");
const covered = () => !coverPage.hidden;
const begun = () => document.cookie.split("; ").some((pair) => pair.startsWith("s=")); // else there is no news

// ---- the server

/** Resolves to {ok, fresh}: fresh is the conversation element that came. Rejects when there was no contact. */
async function ask(url, options, controller = new AbortController(), more = {}) {
  const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
  try {
    const response = await fetch(url, {
      ...options,
      headers: { Accept: "text/vnd.enrum.fragment, text/html", "X-Fragment": "1", ...more },
      cache: "no-store",
      signal: controller.signal,
    });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("conversation");
    if (response.headers.has("X-Left")) window.dispatchEvent(new Event("leave"));
    else if (!fresh && !OVER.includes(response.status)) throw new Error("no contact");
    return { ok: response.ok, fresh };
  } finally {
    clearTimeout(timer);
  }
}

/** Fetches the conversation anew; true if it came and is shown. uncovering: the server puts away first what somebody else may not see. */
async function refresh({ uncovering = false } = {}) {
  if (gone() || turning || (covered() && !uncovering)) return false;
  if (!uncovering && over()) return false;
  if (!uncovering && (inFlight || fetching)) return !(missed = true);
  const asked = sent;
  const coveredBefore = covers;
  fetching = true;
  try {
    const { fresh } = await ask("/", {}, undefined, uncovering ? { "X-Anew": "1" } : {});
    contact();
    if (gone() || turning || asked !== sent || covers !== coveredBefore || (covered() && !uncovering)) return false;
    if (!fresh) return startAnew();
    show(fresh);
    return true;
  } catch {
    noContact({ said: uncovering });
    return false;
  } finally {
    fetching = false;
    catchUp();
  }
}

function catchUp() {
  if (!missed || inFlight || fetching) return;
  missed = false;
  refresh();
}

/** The conversation is over or belongs to nobody: the server's own page says so. */
function startAnew() {
  conversation().replaceChildren();
  location.replace("/");
  return false;
}

// ---- answers

document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") !== "/say") return;
  event.preventDefault();
  if (event.submitter?.value === "cover") turn();
  else send(event.target, event.submitter);
});

async function send(form, button) {
  if (button?.value === "exit") return void window.dispatchEvent(new Event("leave"));
  if (gone() || turning || inFlight) return;
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.append(button.name, button.value);
  const text = body.get("text");
  // The same answer keeps its key, so that it counts once even if only the reply was lost. Other words are a new answer.
  if (unsent && unsent.text === text) body.set("key", unsent.key);
  else if (unsent && text !== null) body.set("key", newKey());
  if (button?.value !== "private" && text === null) draft = null;
  const controller = inFlight = new AbortController();
  const coveredBefore = covers;
  sent += 1;
  conversation().setAttribute("aria-busy", "true");
  try {
    const { ok, fresh } = await ask("/say", { method: "POST", body }, controller);
    contact();
    unsent = null;
    if (gone() || turning) return;
    if (ok && text !== null) clearText(text);
    if (covers !== coveredBefore) return void (covered() || uncover()); // whoever looks now need not be who sent it
    if (!fresh) return void startAnew();
    show(fresh, { acted: true, closeMenu: form.closest("details") !== null });
  } catch {
    unsent = { key: body.get("key"), text };
    noContact({ said: true });
  } finally {
    inFlight = null;
    conversation()?.removeAttribute("aria-busy");
    catchUp();
  }
}

// ---- changing the subject: what is on the screen goes before anything touches the network

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !event.repeat && document.getElementById("turn")) turn();
});

function turn() {
  if (gone() || turning) return;
  turning = newKey();
  draft = unsent = null;
  inFlight?.abort();
  news.close();
  const shown = conversation();
  shown.replaceChildren(planning.content.cloneNode(true));
  Object.assign(shown.dataset, { idle: "", gate: "closed", handover: "", replyTo: "" });
  shown.hidden = false;
  coverPage.hidden = true;
  trouble.replaceChildren();
  scrollTo({ top: 0 });
  tellTurn();
}

/** Until the server has heard it: nothing else is sent or fetched meanwhile. */
async function tellTurn() {
  sent += 1;
  try {
    const body = new URLSearchParams({ choice: "cover", key: turning });
    const { ok, fresh } = await ask("/say", { method: "POST", body });
    if (gone()) return;
    if (!ok && fresh) throw new Error("busy");
    turning = null;
    contact();
    if (!fresh) return void startAnew();
    replaceAll(conversation(), fresh);
    listen();
  } catch {
    if (!gone()) setTimeout(tellTurn, AGAIN_MS);
  }
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function clearText(sent) {
  if (words()?.value.trim() === sent.trim()) words().value = "";
  if (draft?.text.trim() === sent.trim()) draft = null;
}

// With a keyboard Enter sends and Shift+Enter breaks the line; on a phone the key breaks the line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.id !== "words") return;
  if (!matchMedia("(pointer: fine)").matches) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// ---- what is on the screen

/** acted: the person has just answered, so focus must not be lost with the button that was pressed. */
function show(fresh, { acted = false, closeMenu = false } = {}) {
  const old = conversation();
  if (old.firstElementChild) {
    const first = merge(old, fresh, { closeMenu });
    putBackDraft();
    if (first) scrollToMessage(first);
  } else {
    replaceAll(old, fresh);
    scrollToLatest();
  }
  if (acted && document.activeElement === document.body) {
    document.getElementById("answer").focus({ preventScroll: true });
  }
  listen();
}

function replaceAll(old, fresh) {
  old.replaceWith(fresh);
  putBackDraft();
}

/** The half-written words: to the same question, or once the person has said again that they are alone. */
function putBackDraft() {
  const { replyTo, gate } = conversation().dataset;
  if (!draft || !words() || words().value || (draft.replyTo !== replyTo && !(draft.open && gate === "open"))) return;
  words().value = draft.text;
  draft = null;
}

/** The top of what is new comes just below the header, or as near as the page's length allows. */
function scrollToMessage(message) {
  message.scrollIntoView({ block: "start", behavior: "instant" });
}

/** On a page that has just come: what the person said last, and what came after it. */
function scrollToLatest() {
  const latest = [...document.querySelectorAll("#messages > .person")].at(-1);
  if (latest) scrollToMessage(latest);
}

// ---- no contact

function contact() {
  failures = 0;
  trouble.replaceChildren();
}

/** said: the person waits for this, so say it at once; otherwise only when it lasts. */
function noContact({ said }) {
  failures += 1;
  if (gone() || (!said && failures < LASTING)) return;
  const lasting = failures >= LASTING;
  const sentence = lasting ? trouble.dataset.lasting : trouble.dataset.once;
  if (trouble.firstChild?.textContent !== sentence) {
    const help = conversation().querySelector("#offline-help");
    trouble.textContent = sentence;
    if (lasting && help && conversation().dataset.gate === "open") trouble.append(help.content.cloneNode(true));
  }
  if (said) trouble.scrollIntoView({ block: "nearest", behavior: "instant" });
}

// ---- covering

/** Takes the words out of the page and shows the neutral cover. why: "hidden" (another app or tab) or "idle". */
function cover(why) {
  if (gone()) return;
  const { replyTo, gate } = conversation().dataset;
  covers += 1;
  if (why === "idle") draft = null;
  else if (!covered() && words()?.value) draft = { text: words().value, replyTo, open: gate === "open" };
  conversation().replaceChildren();
  conversation().hidden = true;
  trouble.replaceChildren();
  for (const part of coverPage.children) part.hidden = part.dataset.why !== why;
  coverPage.hidden = false;
  news.close();
}

/** What the server shows then is neutral: the privacy question, if there was anything to hide. */
async function uncover() {
  touched = Date.now();
  if (!(await refresh({ uncovering: true }))) return;
  coverPage.hidden = true;
  document.getElementById("answer").focus({ preventScroll: true });
  listen();
}

coverPage.addEventListener("click", (event) => {
  if (event.target.closest("button")) uncover();
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") cover("hidden");
  else if (covered()) uncover();
});

// A finger on the way out (exit.js): hidden at once, and asked for anew if it slides away.
window.addEventListener("hide", (event) => {
  event.preventDefault();
  if (!turning) cover("hidden");
});
window.addEventListener("unhide", () => {
  if (covered() && document.visibilityState !== "hidden") uncover();
});

for (const kind of ["pointerdown", "keydown", "input", "wheel", "touchmove"]) {
  window.addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true });
}

// Looked at every second, by the clock: a timer would sleep as long as the device does.
setInterval(() => {
  if (gone()) return;
  const idle = Number(conversation().dataset.idle);
  const showsIdle = covered() && coverPage.querySelector("[data-why=hidden]").hidden;
  if (idle && !showsIdle && Date.now() - touched >= idle * 1000) cover("idle");
}, 1000);

// ---- news from the server

const news = newsFrom("/events", () => refresh(), caseworkerWrites);

function caseworkerWrites(writing) {
  const signs = document.getElementById("signs");
  if (signs && !covered()) signs.textContent = writing ? signs.dataset.writing : signs.dataset.rest;
}

// To a caseworker who has the conversation: that something is being written, not what.
document.addEventListener("input", (event) => {
  const { gate, handover } = conversation().dataset;
  if (event.target.id !== "words" || gate !== "open" || handover !== "claimed" || turning || gone()) return;
  if (Date.now() - toldWriting < WRITING_EVERY_MS) return;
  toldWriting = Date.now();
  fetch("/writing", { method: "POST" }).catch(() => {});
});

function listen() {
  if (over()) news.close();
  else if (!gone() && !covered() && begun()) news.open();
}

function stop() {
  news.close();
  inFlight?.abort();
}

window.addEventListener("left", stop);
window.addEventListener("pagehide", stop);

scrollToLatest();
if (document.visibilityState === "hidden") cover("hidden");
else listen();
