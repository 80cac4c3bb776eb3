// The conversation as it goes on: pieces become text nodes where they belong, cards are drawn by the server.
"use strict";

(() => {
  const talk = document.getElementById("talk");
  const thinking = document.getElementById("thinking");
  const say = document.getElementById("say");
  const text = document.getElementById("text");
  if (!talk || !("EventSource" in window)) return;
  let cursor = talk.dataset.cursor, source = null;

  const atEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 120;
  const toEnd = () => window.scrollTo(0, document.documentElement.scrollHeight);
  const ofTheAgent = { words: "agent", answer: "agent", question: "question" };

  const add = (piece) => {
    document.querySelector(".begin")?.remove();
    if (piece.kind === "card" && !piece.text) {
      document.getElementById(`card-${piece.number}`)?.remove();
      const place = document.createElement("div");
      talk.append(place);
      htmx.ajax("GET", `/chat/cards/${piece.number}`, { target: place, swap: "outerHTML" });
      return;
    }
    const line = document.createElement("div");
    line.className = `line ${piece.kind}`;
    line.id = `e${piece.entry}`;
    if (ofTheAgent[piece.kind]) {
      const who = document.createElement("b");
      who.className = "who";
      who.textContent = piece.kind === "question" ? `question ${piece.number}` : "agent";
      line.append(who);
    }
    const said = document.createElement("div");
    said.className = "text";
    said.textContent = piece.text;
    line.append(said);
    talk.append(line);
  };

  const hear = (piece) => {
    if (piece.kind === "again") { location.reload(); return; }
    const follow = atEnd();
    if (piece.kind === "state") {
      htmx.trigger("#state", "news");
      htmx.trigger("#head", "news");
    } else if (piece.kind !== "thinking") {
      const there = piece.kind === "words" && document.querySelector(`#e${piece.entry} .text`);
      if (there) there.append(document.createTextNode(piece.text));
      else add(piece);
    }
    if (piece.kind !== "state") thinking.hidden = piece.kind !== "thinking";
    if (follow) toEnd();
  };

  // A page that nobody sees closes its stream; what it missed is told when it is looked at again.
  const listen = () => {
    if (document.hidden) { source?.close(); source = null; return; }
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(`/chat/events?after=${encodeURIComponent(cursor)}`);
    source.addEventListener("piece", (event) => {
      cursor = event.lastEventId || cursor;
      hear(JSON.parse(event.data));
    });
  };
  document.addEventListener("visibilitychange", listen);
  setInterval(listen, 2000); // a stream that the browser gave up is asked for anew
  listen();
  toEnd();

  document.body.addEventListener("htmx:afterSettle", (event) => {
    const state = document.getElementById("state");
    if (state?.dataset.working === "0") thinking.hidden = true;
    if (event.detail.elt.classList?.contains("talk-card")) event.detail.elt.scrollIntoView({ block: "nearest" });
  });
  // What is being written on a card is not drawn over; once it was sent, the card is drawn as it stands.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const card = event.detail.elt;
    if (card.matches(".talk-card") && card.querySelector("details[open]")) event.preventDefault();
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const card = event.detail.elt.matches("form") && event.detail.successful && event.detail.elt.closest(".talk-card");
    if (!card) return;
    for (const one of card.querySelectorAll("details[open]")) one.removeAttribute("open");
    htmx.ajax("GET", card.getAttribute("hx-get"), { target: card, swap: "outerHTML" });
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (text.value.trim()) say.requestSubmit();
    }
  });
  say.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) {
      text.value = "";
      toEnd();
    } else if (!event.detail.xhr.getResponseHeader("HX-Retarget")) {
      const told = document.createElement("p");
      told.className = "notice danger";
      told.textContent = "That was not sent. Is psa serve still running? Your words are still there: load the page again, or send them once more.";
      document.getElementById("notice").replaceChildren(told);
    }
    text.focus();
  });
  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-goal]");
    if (!one) return;
    event.preventDefault();
    text.value = one.dataset.goal;
    text.focus();
  });
})();
