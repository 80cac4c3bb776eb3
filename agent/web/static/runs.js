// One run, live: its part of the page is drawn anew when a record of it was written; what is open stays open.
"use strict";

(() => {
  const live = () => document.querySelector("#live[hx-get]");
  const news = (event) => {
    const part = live();
    if (part && (event.type === "psa:again" || event.detail.all.some((one) => one.run === part.dataset.run))) {
      htmx.trigger(part, "news");
    }
  };
  document.body.addEventListener("psa:run", news);
  document.body.addEventListener("psa:again", news);
  let open = [];
  document.body.addEventListener("htmx:beforeSwap", () => {
    open = [...document.querySelectorAll("#live details[open]")].map((one) => one.id);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });
})();
