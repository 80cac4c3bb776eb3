// The inbox with a script: keys walk through it, and choosing an account shows it. All of it works without.
"use strict";

(() => {
  document.documentElement.classList.add("scripted");
  const all = () => [...document.querySelectorAll("[data-comment]")];
  const here = () => document.activeElement.closest("[data-comment]");

  const step = (by) => {
    const comments = all();
    const at = comments.indexOf(here());
    const next = comments[at < 0 ? 0 : Math.min(Math.max(at + by, 0), comments.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  const reply = () => {
    const details = (here() || all()[0])?.querySelector("[data-reply]")?.closest("details");
    if (!details) return;
    details.open = true;
    details.querySelector("textarea").focus();
  };

  const keys = { j: () => step(1), k: () => step(-1), r: reply };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog[open]")) return;
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.body.addEventListener("change", (event) => { if (event.target.id === "whose") event.target.form.requestSubmit(); });

  // News draw the list anew: not while somebody writes in it.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const inbox = event.target;
    if (inbox.id !== "inbox") return;
    const written = [...inbox.querySelectorAll("textarea, input[name=reason], input[name=confirm]")].some((field) => field.value);
    if (written || inbox.querySelector("details[open]")) event.preventDefault();
  });
})();
