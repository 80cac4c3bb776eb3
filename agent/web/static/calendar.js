// The calendar with a script: what the server drew becomes a grid in which posts are dragged to another time. Every
// post in it is one that the server drew; nothing moves before a person has decided on the card that a drag asks for.
"use strict";

(() => {
  const wide = matchMedia("(min-width: 900px)");
  const pad = (number) => String(number).padStart(2, "0");
  const FIRST_HOUR = "09:00";
  let mounted = null;

  const board = () => document.getElementById("board");

  // The grid shows wall times as the server wrote them, in whatever zone; the dates it hands out have them as local ones.
  const day = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const hour = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;

  const later = (at, minutes) => {
    const date = new Date(`${at}:00Z`);
    date.setUTCMinutes(date.getUTCMinutes() + minutes);
    return date.toISOString().slice(0, 16);
  };

  const copy = (node) => {
    const fresh = node.cloneNode(true);
    fresh.draggable = false;
    return fresh;
  };

  const eventsOf = (here, week) => {
    const events = [];
    for (const cell of here.querySelectorAll(".cal td")) {
      for (const chip of cell.querySelectorAll(".chip")) {
        const at = chip.dataset.at;
        events.push({
          id: `${chip.dataset.post}-${events.length}`,
          start: at,
          end: week ? later(at, 60) : at,
          startEditable: "mayMove" in here.dataset && "movable" in chip.dataset,
          extendedProps: { node: chip, post: chip.dataset.post, at },
        });
      }
      const more = cell.querySelector(".more");
      if (more) events.push({ start: `${more.dataset.day}T23:59`, end: `${more.dataset.day}T23:59`, startEditable: false, extendedProps: { node: more } });
      const reason = cell.querySelector(".reason");
      if (reason && week) events.push({ start: `${cell.dataset.day}T00:00`, end: later(`${cell.dataset.day}T00:00`, 1440), display: "background", classNames: ["black"], extendedProps: { node: reason } });
    }
    for (const one of week ? here.querySelectorAll("#shaded li") : []) {
      events.push({ start: one.dataset.from, end: one.dataset.to, display: "background", classNames: ["quiet"] });
    }
    return events;
  };

  const move = (here, post, date, time, revert) => {
    const asked = htmx.ajax("POST", "/calendar/move", {
      source: here,
      swap: "none",
      values: { post, day: date, time, zone: here.dataset.zone, back: here.dataset.back },
    });
    const failed = (event) => {
      if (event.detail.elt !== here) return;
      revert();
      setTimeout(() => document.getElementById("notice").scrollIntoView({ block: "nearest" }), 50);
    };
    here.addEventListener("htmx:responseError", failed, { once: true });
    here.addEventListener("htmx:sendError", failed, { once: true });
    return asked;
  };

  const cellOf = (here, date) => here.querySelector(`.cal td[data-day="${day(date)}"]`);

  const head = (here, date) => {
    const cell = cellOf(here, date);
    const nodes = cell ? [...cell.querySelectorAll(".date, .reason")].map(copy) : [];
    return { domNodes: nodes };
  };

  // The grid calls itself a table without being one: days and posts are told as headings, links and text instead.
  const plainly = (target) => {
    for (const name of ["role", "aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount"]) {
      for (const one of target.querySelectorAll(`[${name}]`)) one.removeAttribute(name);
    }
  };

  const mount = () => {
    const here = board();
    const target = document.getElementById("component");
    if (!here || !target || mounted?.target === target || !wide.matches || !("EventCalendar" in window)) return;
    const week = here.dataset.view === "week";
    const calendar = EventCalendar.create(target, {
      view: week ? "timeGridWeek" : "dayGridMonth",
      date: here.dataset.day,
      firstDay: 1,
      headerToolbar: { start: "", center: "", end: "" },
      height: week ? "min(75vh, 760px)" : undefined,
      allDaySlot: false,
      nowIndicator: false,
      slotDuration: "00:30",
      slotLabelInterval: "01:00",
      slotLabelFormat: (date) => hour(date),
      slotHeight: 26,
      snapDuration: "00:15",
      scrollTime: "06:00",
      slotEventOverlap: false,
      editable: true,
      eventDurationEditable: false,
      longPressDelay: 400,
      events: eventsOf(here, week),
      dayHeaderFormat: (date) => date.toLocaleDateString("en-GB", { weekday: "short", ...(week ? { day: "numeric", month: "short" } : {}) }),
      dayCellContent: (arg) => (week ? undefined : head(here, arg.date)),
      eventContent: ({ event }) => (event.extendedProps.node ? { domNodes: [copy(event.extendedProps.node)] } : { domNodes: [] }),
      eventAllUpdated: () => plainly(target),
      eventDrop: ({ event, revert }) => {
        const time = week ? hour(event.start) : event.extendedProps.at.slice(11);
        move(here, event.extendedProps.post, day(event.start), time, revert);
      },
    });
    mounted = { calendar, target };
    plainly(target);
    target.hidden = false;
    here.querySelector(".plain").hidden = true;
    tray(here, calendar, week);
  };

  const unmount = () => {
    if (!mounted) return;
    EventCalendar.destroy(mounted.calendar);
    mounted.target.hidden = true;
    const plain = board()?.querySelector(".plain");
    if (plain) plain.hidden = false;
    mounted = null;
  };

  // Drafts without a time are dragged onto the grid.
  const tray = (here, calendar, week) => {
    if (!("mayMove" in here.dataset)) return;
    const hint = here.querySelector("[data-hint]");
    if (hint) hint.textContent = "Drag one to a day, or open it.";
    for (const chip of here.querySelectorAll("[data-undated]")) {
      chip.draggable = true;
      chip.addEventListener("dragstart", (event) => {
        event.dataTransfer.setData("text/plain", chip.dataset.post);
        event.dataTransfer.effectAllowed = "move";
      });
    }
    const target = document.getElementById("component");
    target.addEventListener("dragover", (event) => event.preventDefault());
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      const post = event.dataTransfer.getData("text/plain");
      const point = calendar.dateFromPoint(event.clientX, event.clientY);
      if (point && /^\d{1,15}$/.test(post)) move(here, post, day(point.date), week ? hour(point.date) : FIRST_HOUR, () => {});
    });
  };

  // A post opens beside the calendar, not instead of it.
  const dialogs = () => {
    const dialog = document.getElementById("post-dialog");
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-post]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      htmx.ajax("GET", link.getAttribute("href"), { target: "#post-in", swap: "innerHTML" }).then(() => {
        if (document.getElementById("post-in").childElementCount) dialog.showModal();
      });
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  };

  document.addEventListener("DOMContentLoaded", () => {
    dialogs();
    mount();
    wide.addEventListener("change", () => (wide.matches ? mount() : unmount()));
    document.body.addEventListener("change", (event) => { if (event.target.id === "whose") event.target.form.requestSubmit(); });
    document.documentElement.classList.add("scripted");
    document.body.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target?.id === "board") unmount(); });
    document.body.addEventListener("htmx:load", mount);
  });
})();
