// Tells when the server has something new: server-sent events, and asking every five seconds while they are not to be had.

const POLL_MS = 5000;
const REOPEN_MS = 30000;

/** Calls tell() on news, and wrote(true or false) when the caseworker begins or stops to write. open() is harmless when open already; close() is final only until the next open(). */
export function newsFrom(url, tell, wrote) {
  let events = null;
  let polling = null;
  let reopening = null;

  function open() {
    if (events) return;
    clearTimeout(reopening);
    events = new EventSource(url);
    events.addEventListener("refresh", tell);
    events.addEventListener("writing", (event) => wrote(event.data === "1"));
    events.onopen = stopPolling;
    events.onerror = () => {
      polling ??= setInterval(tell, POLL_MS);
      if (events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      events = null;
      reopening = setTimeout(open, REOPEN_MS);
    };
  }

  function stopPolling() {
    clearInterval(polling);
    polling = null;
  }

  function close() {
    events?.close();
    events = null;
    clearTimeout(reopening);
    stopPolling();
  }

  return { open, close };
}
