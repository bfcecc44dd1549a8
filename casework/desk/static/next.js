// Checklists: a tick is kept at once, and the clock of a duty to report goes on. Without it there is a button that saves.
"use strict";

for (const form of document.querySelectorAll("form.ticks")) {
  form.querySelector(".save").hidden = true;
  form.addEventListener("change", () => keep(form));
}

async function keep(form) {
  const kept = form.querySelector(".kept");
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-From-Script": "1" } });
    if (!answer.ok) throw new Error("answer");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".clock-place");
    const place = document.getElementById(fresh?.id ?? "");
    place?.replaceChildren(...fresh.childNodes);
    kept.textContent = kept.dataset.kept;
  } catch {
    kept.textContent = kept.dataset.failed;
    form.querySelector(".save").hidden = false;
  }
}

setInterval(() => {
  for (const clock of document.querySelectorAll(".clock[data-since]")) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 60000));
    const hours = Math.floor(minutes / 60);
    const words = clock.dataset.words.replace("{hours}", hours).replace("{minutes}", minutes % 60);
    const place = clock.querySelector(".passed-time");
    if (place.textContent !== words) place.textContent = words;
    clock.classList.toggle("clock-late", hours >= Number(clock.dataset.remind));
  }
}, 10000);

document.getElementById("print")?.addEventListener("click", () => print());
