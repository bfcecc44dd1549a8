// Shows how far the call is while the phones ring. Without it the page says how far it was when it was opened.
"use strict";

import { follow } from "./poll.js";

const place = document.getElementById("call");
const shown = () => place.firstElementChild.dataset;

if (!shown().over) {
  follow(() => `${place.dataset.from}?mark=${shown().mark}`, (fresh) => {
    const now = fresh.firstElementChild;
    if (now.dataset.mark !== shown().mark) place.replaceChildren(now);
    return !shown().over;
  });
}
