// Asks the server for news, and asks again. The server holds the answer until there is something new.
"use strict";

const SOON_MS = 300;
const AGAIN_MS = 2000;

export function show(id, visible) {
  const element = document.getElementById(id);
  if (element) element.hidden = !visible;
}

/** Calls use(body) with what came, until it says false. The function that is returned asks at once. */
export function follow(address, use) {
  let timer = 0;
  let asking = null;

  async function once() {
    clearTimeout(timer);
    asking = new AbortController();
    let wait = SOON_MS;
    try {
      const answer = await fetch(address(), { cache: "no-store", signal: asking.signal });
      if (answer.status === 401) return location.assign("/desk/sign-in");
      if (!answer.ok) throw new Error("answer");
      show("no-contact", false);
      if (use(new DOMParser().parseFromString(await answer.text(), "text/html").body) === false) return;
    } catch (error) {
      if (error.name !== "AbortError") {
        show("no-contact", true);
        wait = AGAIN_MS;
      }
    }
    timer = setTimeout(once, wait);
  }

  timer = setTimeout(once, SOON_MS);
  return () => asking?.abort();
}

/** Sends a form as the browser would. Resolves to whether it was taken. */
export async function send(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.append(button.name, button.value);
  const headers = { "X-From-Script": "1" };
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers, redirect: "manual" });
    return answer.type === "opaqueredirect" || answer.status === 204;
  } catch {
    return false;
  }
}

export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
