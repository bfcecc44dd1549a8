// Leaving (promise P6). Its own file and first in the page: it works even if everything else has failed.
// The order is the point: the screen is blank before anything touches the network.

const form = document.getElementById("leave");
const presses = document.getElementById("presses");
const exitTo = form.dataset.exitTo;
const blankTitle = form.dataset.blankTitle;
const WITHIN_MS = 5000;

function blank() {
  document.documentElement.classList.add("gone");
  document.body.replaceChildren();
  document.title = blankTitle;
}

// The session cookie is readable by scripts on purpose: without a network nobody else could delete it.
function takeSession() {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("s="));
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `s=; Path=/; Max-Age=0; SameSite=Strict${secure}`;
  return found ? found.slice(2) : "";
}

function forget() {
  try {
    sessionStorage.clear();
    localStorage.clear();
  } catch {
    // A browser that forbids storage has nothing stored.
  }
}

function tellServer(session) {
  const body = new URLSearchParams({ s: session });
  if (!navigator.sendBeacon?.("/leave", body)) {
    fetch("/leave", { method: "POST", body, keepalive: true }).catch(() => {});
  }
}

function leave() {
  if (document.documentElement.classList.contains("gone")) return;
  blank();
  window.dispatchEvent(new Event("left"));
  try {
    const session = takeSession();
    forget();
    tellServer(session);
  } finally {
    // Takes the place of this page in the history: Back goes to what was before it.
    location.replace(exitTo);
  }
}

// A finger on the button blanks the page at once; lifted there it leaves. If it slides away, as at the beginning of a
// scroll, nothing is lost: the page stays hidden behind the privacy question (page.js hears "hide" and "unhide").
let holding = null; // {id, box}: the pointer, and where the button was when it came down
let hiddenByPage = false;

form.addEventListener("pointerdown", (event) => {
  const button = event.target.closest("button");
  if (event.button !== 0 || !button || holding) return;
  holding = { id: event.pointerId, box: button.getBoundingClientRect() };
  document.documentElement.classList.add("held");
  hiddenByPage = !window.dispatchEvent(new Event("hide", { cancelable: true }));
});

window.addEventListener("pointerup", (event) => {
  if (holding?.id !== event.pointerId) return;
  const { left, right, top, bottom } = holding.box;
  if (event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom) leave();
  else slidAway();
}, true);
window.addEventListener("pointercancel", (event) => {
  if (holding?.id === event.pointerId) slidAway();
}, true);
window.addEventListener("pointerdown", (event) => {
  if (holding && holding.id !== event.pointerId) slidAway(); // whatever became of the first one
}, true);

function slidAway() {
  holding = null;
  if (!hiddenByPage && document.getElementById("conversation")) return location.reload();
  document.documentElement.classList.remove("held");
  window.dispatchEvent(new Event("unhide"));
}

window.addEventListener("leave", leave); // asked for in the conversation, see page.js
form.addEventListener("submit", (event) => {
  event.preventDefault();
  leave();
});

// Shift three times. Counted when the key comes up, and only if it modified nothing meanwhile, so that capitals,
// shortcuts and Alt+Shift (which changes keyboard language) never count. Left and right may be mixed.
let alone = false;
let times = [];

function count(newTimes) {
  times = newTimes;
  presses.dataset.count = String(times.length);
}

window.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") {
    alone = false;
    count([]);
  } else if (!event.repeat) {
    alone = !event.ctrlKey && !event.altKey && !event.metaKey;
  }
}, true);
window.addEventListener("keyup", (event) => {
  if (event.key !== "Shift" || !alone) return;
  const now = Date.now();
  count([...times.filter((time) => now - time < WITHIN_MS), now]);
  if (times.length === 3) return leave();
  setTimeout(() => count(times.filter((time) => Date.now() - time < WITHIN_MS)), WITHIN_MS);
}, true);
window.addEventListener("pointerdown", () => { alone = false; }, true);

// A page kept by the browser for Back must hold no text, and asks the server anew.
window.addEventListener("pagehide", blank);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
