// One live stream of a page: it begins after the page that the server made, goes on after a lost connection or a sleeping
// machine, says "reconnecting" meanwhile, and leads to the sign-in page when the session has ended.
"use strict";

// follow opens the stream. on holds a function for each kind of event: snapshot(data), agent(row), gone({agent_id}), and
// asOf(ms) with the server's clock.
export function follow(address, on) {
  const link = document.getElementById("link");
  const [path, query] = address.split("?");
  const first = new URLSearchParams(query);
  let lastID = first.get("last_event_id");
  let heard = Date.now();
  let source = null;
  let waiting = null;

  function state(name, word) {
    if (link.dataset.state === name) return;
    link.dataset.state = name;
    link.querySelector(".word").textContent = word;
    document.body.classList.toggle("lost", name === "lost");
  }

  function read(event) {
    heard = Date.now();
    state("live", "live");
    if (event.lastEventId) lastID = event.lastEventId;
    return JSON.parse(event.data);
  }

  function listen() {
    if (source) source.close();
    const q = new URLSearchParams(first);
    q.set("last_event_id", lastID);
    source = new EventSource(`${path}?${q}`);
    heard = Date.now();
    source.addEventListener("open", () => state("live", "live"));
    source.addEventListener("error", () => {
      state("lost", "reconnecting…");
      if (source.readyState === EventSource.CLOSED) again();
    });
    source.addEventListener("snapshot", (e) => {
      const data = read(e);
      if (on.asOf) on.asOf(Date.parse(data.as_of));
      on.snapshot(data);
    });
    source.addEventListener("agent", (e) => on.agent(read(e)));
    source.addEventListener("gone", (e) => on.gone(read(e)));
    source.addEventListener("alive", (e) => {
      const data = read(e);
      if (on.asOf) on.asOf(Date.parse(data.as_of));
    });
  }

  // again opens a stream that the server refused.
  function again() {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const answer = await fetch(location.pathname, { method: "HEAD", redirect: "manual", cache: "no-store" });
        if (answer.type === "opaqueredirect") return location.reload();
      } catch {
        return again();
      }
      listen();
    }, 3000);
  }

  setInterval(() => {
    if (Date.now() - heard > 40000) {
      state("lost", "reconnecting…");
      listen();
    }
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - heard > 20000) listen();
  });
  addEventListener("pagehide", () => source && source.close());
  addEventListener("pageshow", (e) => e.persisted && listen());
  listen();
}

const two = (n) => String(n).padStart(2, "0");

// lasting writes a length of time as 4:05 or 1:04:05.
export function lasting(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

// put changes a text only where it differs.
export function put(el, text) {
  if (el && el.textContent !== text) el.textContent = text;
}
