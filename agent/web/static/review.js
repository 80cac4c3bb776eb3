// The queue with a script: one item is the current one and takes the keys; what changes elsewhere is drawn anew, but
// never an item that somebody is typing in.
"use strict";

(() => {
  const KEYS = { approve: "a", edit: "e", reject: "r", open: "o", select: "x" };
  const queue = document.getElementById("queue");
  const items = () => [...document.querySelectorAll("[data-item]")];
  const current = () => document.querySelector("[data-current]");
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");

  // Only the current item's buttons have keys: no key ever decides another.
  const mark = (item, focus) => {
    const old = current();
    if (old && old !== item) {
      old.removeAttribute("data-current");
      for (const one of old.querySelectorAll("[data-does]")) one.removeAttribute("data-key");
    }
    if (!item) return;
    item.setAttribute("data-current", "");
    for (const one of item.querySelectorAll("[data-does]")) one.setAttribute("data-key", KEYS[one.dataset.does]);
    if (focus) {
      item.focus({ preventScroll: true });
      item.scrollIntoView({ block: "start" });
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) {
      const item = event.target.closest("[data-item]");
      const form = event.target.closest("details");
      if (form) form.open = false;
      if (item) mark(item, true); else event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key !== "j" && event.key !== "k") return;
    event.preventDefault();
    const all = items();
    const at = all.indexOf(current());
    const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
    mark(all[next], true);
  });
  document.addEventListener("focusin", (event) => {
    const item = event.target.closest && event.target.closest("[data-item]");
    if (item) mark(item, false);
  });
  // A form is opened and its field focused at once: what is typed next must not be taken for keys.
  document.addEventListener("click", (event) => {
    const summary = event.target.closest && event.target.closest("details.act > summary");
    if (!summary) return;
    event.preventDefault();
    const form = summary.parentElement;
    form.open = !form.open;
    const field = form.open && form.querySelector("textarea, input:not([type=hidden])");
    if (field) field.focus();
  });
  // A text that was edited and not saved is what somebody meant: the old one is not approved over it.
  document.addEventListener("change", (event) => { if (event.target.id === "workspace") event.target.form.requestSubmit(); });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-approves]")) return;
    const edited = event.target.closest("[data-item]").querySelector("[data-edited]");
    if (!edited || edited.value === edited.defaultValue) return;
    event.preventDefault();
    event.stopPropagation();
    const form = edited.closest("details");
    form.querySelector("[data-unsaved]").hidden = false;
    form.open = true;
    edited.focus();
  }, true);
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
  }

  if (!queue) { // one item by itself
    mark(items()[0], false);
    return;
  }

  // -- live ------------------------------------------------------------------------------------------------------
  const changed = (field) => {
    if (field.matches("[data-does=select], [type=hidden]")) return false;
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  };
  const busy = (item) => {
    const fields = [...item.querySelectorAll("input, textarea")];
    return fields.some((field) => changed(field) || (field === document.activeElement && !field.matches("[type=checkbox]")));
  };
  const outdated = (item) => {
    item.querySelector(".changed").hidden = false;
    for (const button of item.querySelectorAll(".actions button")) button.disabled = true;
    item.classList.add("gone");
  };
  const replaced = (old, fresh) => {
    const node = document.importNode(fresh, true);
    const ticked = old.querySelector("[data-does=select]");
    const tick = node.querySelector("[data-does=select]");
    if (ticked && tick) tick.checked = ticked.checked;
    const held = old.contains(document.activeElement);
    const was = old.hasAttribute("data-current");
    old.replaceWith(node);
    if (window.htmx) htmx.process(node);
    if (was) mark(node, false);
    if (held) node.focus({ preventScroll: true });
    return node;
  };

  const draw = (fresh) => {
    const list = document.getElementById("items");
    const wanted = [...fresh.querySelectorAll("[data-item]")];
    const keep = new Set(wanted.map((one) => one.id));
    const here = items();
    const now = current();
    const place = here.indexOf(now);
    let lost = false;
    for (const old of here) {
      if (keep.has(old.id)) continue;
      if (busy(old)) { outdated(old); continue; }
      lost = lost || old === now;
      old.remove();
    }
    let at = list.firstElementChild;
    for (const one of wanted) {
      let node = document.getElementById(one.id);
      if (!node) {
        node = document.importNode(one, true);
        list.insertBefore(node, at);
        if (window.htmx) htmx.process(node);
      } else if (node.dataset.stamp !== one.dataset.stamp) {
        const follows = node === at;
        if (busy(node)) outdated(node); else node = replaced(node, one);
        if (follows) at = node;
      }
      while (at && at.classList.contains("gone") && at !== node) at = at.nextElementSibling;
      if (node !== at && !node.contains(document.activeElement)) list.insertBefore(node, at);
      at = node.nextElementSibling;
    }
    for (const id of ["tabs", "groups", "rest"]) {
      const old = document.getElementById(id);
      const part = fresh.getElementById(id);
      if (old && part && old.innerHTML !== part.innerHTML) old.replaceChildren(...document.importNode(part, true).childNodes);
    }
    if (lost) {
      const left = items();
      mark(left[Math.min(place, left.length - 1)], true);
    }
    const badge = document.getElementById("waiting");
    const waiting = fresh.getElementById("items").dataset.waiting;
    if (badge) { badge.textContent = waiting; badge.hidden = waiting === "0"; }
  };

  let asking = false;
  let again = false;
  const refresh = async () => {
    if (asking) { again = true; return; }
    asking = true;
    try {
      do {
        again = false;
        const answer = await fetch(queue.dataset.url, { headers: { "HX-Request": "true" } });
        if (answer.status === 401) { location.assign("/login"); return; }
        if (answer.ok) draw(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } while (again);
    } catch (error) {
      // The server is away: the stream of news comes back with it, and asks again.
    } finally {
      asking = false;
    }
  };
  for (const name of ["psa:queue", "psa:again"]) document.body.addEventListener(name, refresh);
  // What was decided here needs no typing any more: its forms are as they were, so that the item may go.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const item = event.target.closest && event.target.closest("[data-item]");
    if (!item || !event.detail.successful) return;
    for (const form of item.querySelectorAll("form")) form.reset();
    if (item.contains(document.activeElement)) item.focus({ preventScroll: true });
    refresh();
  });
})();
