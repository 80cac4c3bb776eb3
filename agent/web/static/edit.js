// The page for writing: Ctrl+Enter saves, an upload shows how far it is, nothing typed is lost by leaving. All of it
// works without, by buttons.
"use strict";

(() => {
  const editor = () => document.getElementById("editor");
  let typed = false;
  const check = () => editor()?.dispatchEvent(new Event("input", { bubbles: true }));

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !editor()) return;
    const save = editor().querySelector("[data-save]");
    if (save) { event.preventDefault(); editor().requestSubmit(save); }
  });

  document.addEventListener("input", (event) => {
    if (!event.target.closest("#editor")) return;
    typed = true;
    if (event.target.id === "at") document.querySelector('input[name="when"][value="at"]')?.click();
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "when") return;
    const atOnce = document.getElementById("at-once");
    if (atOnce) atOnce.hidden = !["at", "slot", "now", "draft"].includes(event.target.value);
  });
  // Once it is being saved nothing is judged any more: the card may be decided by the time that would arrive.
  let saving = false;
  document.addEventListener("submit", (event) => { typed = false; saving = event.target.id === "editor"; });
  window.addEventListener("pageshow", () => { saving = false; });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (saving && event.target.matches(".beside")) event.preventDefault();
  });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });

  // A time that stands beside a clock change: taken over instead of sent.
  document.addEventListener("click", (event) => {
    const other = event.target.closest("[data-at]");
    const at = document.getElementById("at");
    if (!other || !at) return;
    event.preventDefault();
    at.value = other.dataset.at;
    check();
  });

  const progress = (value) => {
    const bar = document.getElementById("progress");
    if (!bar) return;
    bar.hidden = value === null;
    if (value !== null) bar.value = value;
  };
  document.addEventListener("htmx:xhr:progress", (event) => {
    if (event.target.matches("[data-upload]") && event.detail.lengthComputable) {
      progress((100 * event.detail.loaded) / event.detail.total);
    }
  });
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.target.matches("[data-upload]")) progress(0); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.target.matches("[data-upload]")) progress(null); });

  // What was drawn anew is judged anew: a new part, another file, another workspace.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (["parts", "media", "editor"].includes(event.target.id)) check();
  });
})();
