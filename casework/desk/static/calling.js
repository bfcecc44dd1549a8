// That somebody waits, for a caseworker who looks at something else: the number in the tab, a mark in its icon, a sound if asked for.
// Nothing of it says who waits or why.
"use strict";

const SOUND = "desk-sound";
const title = document.title.replace(/^\(\d+\) /, "");
const icon = document.getElementById("icon");
const choice = document.getElementById("sound");
let player = null;

export function waiting(n) {
  document.title = n ? `(${n}) ${title}` : title;
  const href = `/desk/static/${n ? "desk-waiting" : "desk"}.svg`;
  if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}

export function sound() {
  if (!choice?.checked) return;
  try {
    player ??= new AudioContext();
    const tone = player.createOscillator();
    const loudness = player.createGain();
    loudness.gain.setValueAtTime(0.1, player.currentTime);
    loudness.gain.exponentialRampToValueAtTime(0.001, player.currentTime + 0.4);
    tone.frequency.value = 440;
    tone.connect(loudness).connect(player.destination);
    tone.start();
    tone.stop(player.currentTime + 0.4);
  } catch {
    // No sound in this browser: the tab says it.
  }
}

if (choice) {
  document.getElementById("sound-place").hidden = false;
  try {
    choice.checked = localStorage.getItem(SOUND) === "on";
  } catch {
    // Not kept in this browser: off each time.
  }
  choice.addEventListener("change", () => {
    sound(); // so that one hears it, and the browser lets it play later
    try {
      localStorage.setItem(SOUND, choice.checked ? "on" : "off");
    } catch {
      // As above.
    }
  });
}
