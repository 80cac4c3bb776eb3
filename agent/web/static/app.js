// What every page does with a script: the reader's zone, live news, and keys. All of it works without, more slowly.
"use strict";

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const kept = document.cookie.split("; ").find((one) => one.startsWith("psa_zone="));
  if (zone && kept !== `psa_zone=${encodeURIComponent(zone)}`) {
    document.cookie = `psa_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  }
})();

// On a narrow screen the menu scrolls: the page that is open stands in sight.
(() => {
  const nav = document.querySelector(".bar nav"), here = nav && nav.querySelector("[aria-current]");
  if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
})();

// What a page asks for by itself, because of news or a timer, is no use of the session: left open, it logs out in time.
document.addEventListener("htmx:configRequest", (event) => {
  const cause = event.detail.triggeringEvent;
  if (!cause || cause.type.startsWith("psa:")) event.detail.headers["X-By-Itself"] = "1";
});

// News: `psa:queue`, `psa:run`, `psa:stop` and `psa:again` are events of the body that parts of pages wait for, as in
// hx-trigger="psa:queue from:body". Many that come together are told once.
(() => {
  if (!document.querySelector(".bar") || !("EventSource" in window)) return;
  const waiting = new Map();
  const tell = (name, detail) => {
    const known = waiting.get(name);
    if (known) { known.push(detail); return; }
    waiting.set(name, [detail]);
    setTimeout(() => {
      const all = waiting.get(name);
      waiting.delete(name);
      document.body.dispatchEvent(new CustomEvent(`psa:${name}`, { detail: { all } }));
    }, 40);
  };
  // Nothing is missed: the stream begins behind what the page was drawn with. Browsers open few streams at once, so a
  // page that nobody sees closes its own.
  let seen = document.body.dataset.news, source = null, opened = false;
  const listen = () => {
    if (document.hidden) { source?.close(); source = null; return; }
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(`/events?after=${encodeURIComponent(seen)}`);
    source.addEventListener("open", () => { opened = true; });
    source.addEventListener("error", () => { // refused where it was let in: logged out
      if (opened && source?.readyState === EventSource.CLOSED) location.reload();
    });
    for (const name of ["queue", "run", "stop", "again"]) {
      source.addEventListener(name, (event) => {
        seen = event.lastEventId || seen;
        tell(name, JSON.parse(event.data));
      });
    }
  };
  document.addEventListener("visibilitychange", listen);
  setInterval(listen, 5000); // a stream that the browser gave up is asked for anew
  listen();
  document.body.addEventListener("psa:stop", () => location.reload());
})();

// Keys: an element with data-key="a" is clicked, or focused where it is a field, when that key is pressed outside of
// fields. `?` opens the list of keys that a page has in a <dialog id="keys">.
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") {
      const keys = document.getElementById("keys");
      if (keys) { event.preventDefault(); keys.showModal(); }
      return;
    }
    const scope = document.querySelector("[data-current]") || document;
    const key = CSS.escape(event.key);
    const found = scope.querySelector(`[data-key="${key}"]`) || document.querySelector(`[data-key="${key}"]`);
    if (!found || found.disabled) return;
    event.preventDefault();
    if (found.matches("input, textarea, select")) found.focus();
    else found.click();
  });
})();
