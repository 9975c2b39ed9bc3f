// The live board goes on where the page that the server made ends: it listens for changed rows, keeps the table sorted and
// counted, and lets the times tick. Words and groups are those of board.go; keep the two alike.
"use strict";
(() => {
  const board = document.getElementById("board");
  const body = document.getElementById("rows");
  const blank = document.getElementById("blank").content.firstElementChild;
  const link = document.getElementById("link");
  const find = document.getElementById("find");
  const order = document.getElementById("order");
  const form = document.querySelector(".filters");
  const presence = board.classList.contains("presence");
  const groups = [...document.querySelectorAll(".groups a")];
  const rank = new Map(groups.map((a, i) => [a.dataset.group, i]));
  const rows = new Map([...body.rows].map((tr) => [tr.dataset.id, tr]));
  const zones = new Map();
  let show = board.dataset.show;
  let skew = Number(board.dataset.asOf) - Date.now();
  let heard = Date.now();
  let source = null;
  let lastID = new URLSearchParams(board.dataset.stream.split("?")[1]).get("last_event_id");

  const now = () => Date.now() + skew;
  const ms = (instant) => (instant ? Date.parse(instant) : 0);
  const words = (s) => (s ? s[0].toUpperCase() + s.slice(1).replaceAll("_", " ") : "");
  const two = (n) => String(n).padStart(2, "0");

  function lasting(since) {
    if (!since) return "";
    const s = Math.max(0, Math.floor((now() - since) / 1000));
    return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  }

  function clock(instant, zone) {
    zone = zone || "UTC";
    if (!zones.has(zone)) {
      zones.set(zone, new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }));
    }
    return zones.get(zone).format(new Date(instant));
  }

  function groupOf(a) {
    if (presence) return [a.presence || "unknown", ms(a.since.presence)];
    const state = a.adherence_state || "unknown";
    return [a.severe && state === "out_of_adherence" ? "severe" : state, ms(a.adherence_since)];
  }

  function wordOf(group) {
    if (group === "severe" || group === "out_of_adherence") return "Out";
    return group === "in_adherence" ? "In" : words(group);
  }

  function doing(a) {
    let what = words(a.status), since = ms(a.since.status);
    const others = [];
    if (a.presence === "offline") return ["Offline", "", ms(a.since.presence)];
    if (a.routing === "not_responding") [what, since] = ["Not responding", ms(a.since.routing)];
    else if (a.status === "available" && ["idle", "interacting", "communicating"].includes(a.routing)) {
      what = "On queue";
      others.push(words(a.routing));
    } else if (!a.status) [what, since] = [words(a.presence), ms(a.since.presence)];
    else if (a.secondary) {
      what = a.secondary;
      others.push(words(a.status));
    }
    if (a.presence && what !== words(a.presence)) others.push(words(a.presence));
    return [what || "Unknown", others.join(" · ").toLowerCase(), since];
  }

  function put(tr, selector, text) {
    const el = tr.querySelector(selector);
    if (el && el.textContent !== text) el.textContent = text;
  }

  // fill makes the row say what the agent's state is.
  function fill(tr, a) {
    const [group, since] = groupOf(a);
    const [what, fine, held] = doing(a);
    const plan = a.scheduled, next = a.next;
    const changed = tr.dataset.id && tr.querySelector(".doing .what").textContent !== what;
    Object.assign(tr.dataset, { id: a.agent_id, name: a.name, team: a.team || "", group, since, held,
      from: plan ? ms(plan.start) : 0, to: plan ? ms(plan.end) : 0 });
    tr.className = group;
    put(tr, ".state .word", wordOf(group));
    const severe = tr.querySelector(".state .vh");
    if (severe) severe.remove();
    if (group === "severe") {
      const said = document.createElement("span");
      said.className = "vh";
      said.textContent = " of adherence, severe";
      tr.cells[0].append(said);
    }
    put(tr, ".agent .name", a.name);
    put(tr, ".agent .id", a.agent_id);
    put(tr, "td.team", a.team || "");
    put(tr, ".plan .what", plan ? plan.code || words(plan.category) : "–");
    put(tr, ".plan .when", plan ? `${clock(plan.start, a.time_zone)}–${clock(plan.end, a.time_zone)}` : "");
    const bar = tr.querySelector("progress");
    if (bar && !plan) bar.remove();
    if (!bar && plan) {
      const p = document.createElement("progress");
      p.max = 100;
      p.setAttribute("aria-label", "elapsed");
      tr.querySelector("td.plan").append(p);
    }
    put(tr, ".doing .what", what);
    put(tr, ".doing .fine", fine);
    put(tr, ".next .what", next ? next.code || words(next.category) : "");
    put(tr, ".next .when", next ? clock(next.start, a.time_zone) : "");
    put(tr, "td.note", a.note || "");
    tr.querySelector("td.note").title = a.note || "";
    tick(tr);
    if (changed) {
      tr.classList.add("fresh");
      setTimeout(() => tr.classList.remove("fresh"), 4000);
    }
  }

  function tick(tr) {
    put(tr, ".for time", lasting(Number(tr.dataset.since)));
    put(tr, ".held time", lasting(Number(tr.dataset.held)));
    const bar = tr.querySelector("progress"), from = Number(tr.dataset.from), to = Number(tr.dataset.to);
    if (bar && to > from) bar.value = Math.min(100, Math.max(0, Math.floor(((now() - from) * 100) / (to - from))));
  }

  function upsert(a) {
    let tr = rows.get(a.agent_id);
    if (!tr) {
      tr = blank.cloneNode(true);
      tr.dataset.id = "";
      rows.set(a.agent_id, tr);
      body.append(tr);
    }
    fill(tr, a);
  }

  function drop(id) {
    const tr = rows.get(id);
    if (tr) tr.remove();
    rows.delete(id);
  }

  const text = (a, b, key) => a.dataset[key].localeCompare(b.dataset[key]);
  const number = (a, b, key) => Number(a.dataset[key]) - Number(b.dataset[key]);
  const orders = {
    worst: (a, b) => rank.get(a.dataset.group) - rank.get(b.dataset.group) || number(a, b, "since") || text(a, b, "name"),
    name: (a, b) => text(a, b, "name"),
    team: (a, b) => text(a, b, "team") || text(a, b, "name"),
    held: (a, b) => number(a, b, "held") || text(a, b, "name"),
  };

  // arrange sorts, filters and counts; rows that are in place already are not touched, so that focus and scroll stay.
  function arrange() {
    const wanted = find.value.trim().toLowerCase();
    const list = [...rows.values()].sort((a, b) => orders[order.value](a, b) || text(a, b, "id"));
    const counts = new Map(groups.map((a) => [a.dataset.group, 0]));
    let shown = 0, at = body.firstElementChild;
    for (const tr of list) {
      const d = tr.dataset;
      counts.set(d.group, (counts.get(d.group) || 0) + 1);
      const hit = !wanted || `${d.name} ${d.id} ${d.team}`.toLowerCase().includes(wanted);
      const hidden = !hit || (show !== "" && show !== d.group);
      if (tr.hidden !== hidden) tr.hidden = hidden;
      if (!hidden) shown++;
      if (tr === at) at = at.nextElementSibling;
      else body.insertBefore(tr, at);
    }
    count(counts, list.length);
    document.getElementById("shown").textContent = shown;
    document.getElementById("total").textContent = list.length;
    document.getElementById("empty").hidden = shown > 0;
  }

  function count(counts, total) {
    let seen = 0, at = 0;
    for (const a of groups) {
      const n = counts.get(a.dataset.group);
      put(a, "b", String(n));
      a.parentElement.classList.toggle("none", n === 0);
      seen += n;
      const end = Math.floor((seen * 1000) / Math.max(total, 1));
      const rect = document.querySelector(`.strip rect[data-group="${a.dataset.group}"]`);
      rect.setAttribute("x", at);
      rect.setAttribute("width", end - at);
      at = end;
    }
  }

  // later does work once per frame however many events come in.
  let due = false;
  function later() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      arrange();
    });
  }

  // say tells a screen reader the counts, at most every ten seconds and only when they changed.
  let said = "";
  function say() {
    const words = groups.filter((a) => a.querySelector("b").textContent !== "0").map((a) => a.textContent.trim()).join(", ");
    if (said && words !== said) document.getElementById("said").textContent = words;
    said = words;
  }

  function state(name, word) {
    if (link.dataset.state === name) return;
    link.dataset.state = name;
    put(link, ".word", word);
    board.classList.toggle("lost", name === "lost");
  }

  function hear(event) {
    heard = Date.now();
    state("live", "live");
    if (event.lastEventId) lastID = event.lastEventId;
    return JSON.parse(event.data);
  }

  function listen() {
    if (source) source.close();
    const [path, query] = board.dataset.stream.split("?");
    const q = new URLSearchParams(query);
    q.set("last_event_id", lastID);
    source = new EventSource(`${path}?${q}`);
    heard = Date.now();
    source.addEventListener("open", () => state("live", "live"));
    source.addEventListener("error", () => {
      state("lost", "reconnecting…");
      if (source.readyState === EventSource.CLOSED) again();
    });
    source.addEventListener("snapshot", (e) => {
      const data = hear(e);
      skew = ms(data.as_of) - Date.now();
      const there = new Set(data.items.map((a) => a.agent_id));
      for (const id of [...rows.keys()]) if (!there.has(id)) drop(id);
      data.items.forEach(upsert);
      later();
    });
    source.addEventListener("agent", (e) => {
      upsert(hear(e));
      later();
    });
    source.addEventListener("gone", (e) => {
      drop(hear(e).agent_id);
      later();
    });
    source.addEventListener("alive", (e) => {
      skew = ms(hear(e).as_of) - Date.now();
    });
  }

  // again opens a stream that the server refused: after a sign-out the page leads to the sign-in page.
  let waiting = null;
  function again() {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const answer = await fetch("/", { method: "HEAD", redirect: "manual", cache: "no-store" });
        if (answer.type === "opaqueredirect") return location.reload();
      } catch {
        return again();
      }
      listen();
    }, 3000);
  }

  for (const a of groups) {
    a.addEventListener("click", (e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      show = show === a.dataset.group ? "" : a.dataset.group;
      const q = new URLSearchParams(location.search);
      if (show) q.set("show", show);
      else q.delete("show");
      history.replaceState(null, "", q.size ? `/?${q}` : "/");
      for (const b of groups) {
        if (b.dataset.group === show) b.setAttribute("aria-current", "true");
        else b.removeAttribute("aria-current");
      }
      arrange();
    });
  }
  for (const s of form.querySelectorAll("select[name]")) s.addEventListener("change", () => form.submit());
  for (const el of document.querySelectorAll(".find, .order")) el.hidden = false;
  find.addEventListener("input", later);
  order.addEventListener("change", later);
  form.addEventListener("submit", (e) => {
    if (e.submitter === null && document.activeElement === find) e.preventDefault();
  });

  setInterval(() => {
    for (const tr of rows.values()) if (!tr.hidden) tick(tr);
    if (Date.now() - heard > 40000) {
      state("lost", "reconnecting…");
      listen();
    }
  }, 1000);
  setInterval(say, 10000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - heard > 20000) listen();
  });
  addEventListener("pagehide", () => source && source.close());
  addEventListener("pageshow", (e) => e.persisted && listen());
  arrange();
  listen();
})();
