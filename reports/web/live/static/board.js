// The live board goes on where the page that the server made ends: it listens for changed rows, keeps the table sorted and
// counted, and lets the times tick. It knows every agent, and the table has the first rows of them: more come when somebody
// scrolls to its end or asks for them. Words and groups are those of board.go; keep the two alike.
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
  const table = document.getElementById("agents");
  const more = document.getElementById("more");
  // agents holds what is known of each: what it is sorted and found by, the row of the server (a, null as long as only the
  // page's markup tells of it) and the table's row (tr, null while it is not in the table).
  const agents = new Map([...body.rows].map((tr) => [tr.dataset.id, known(tr)]));
  const step = 250;
  let most = step;
  const zones = new Map();
  const weekdays = new Map();
  let show = board.dataset.show;
  let skew = Number(board.dataset.asOf) - Date.now();
  let heard = Date.now();
  let source = null;
  let lastID = new URLSearchParams(board.dataset.stream.split("?")[1]).get("last_event_id");

  function known(tr) {
    const d = tr.dataset;
    return { id: d.id, name: d.name, team: d.team, group: d.group, since: Number(d.since), held: Number(d.held), from: Number(d.from),
      to: Number(d.to), a: null, tr };
  }

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

  // clockOn gives the time of day, with the weekday where that is not the one of now.
  function clockOn(instant, zone) {
    zone = zone || "UTC";
    if (!weekdays.has(zone)) weekdays.set(zone, new Intl.DateTimeFormat("en-GB", { weekday: "short", timeZone: zone }));
    const day = weekdays.get(zone).format(new Date(instant));
    return day === weekdays.get(zone).format(new Date(now())) ? clock(instant, zone) : `${day} ${clock(instant, zone)}`;
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

  // learn takes what the server says of an agent.
  function learn(a) {
    let e = agents.get(a.agent_id);
    if (!e) agents.set(a.agent_id, (e = { id: a.agent_id, tr: null }));
    const [group, since] = groupOf(a);
    const plan = a.scheduled;
    Object.assign(e, { a, name: a.name, team: a.team || "", group, since, held: doing(a)[2], from: plan ? ms(plan.start) : 0, to: plan ? ms(plan.end) : 0 });
    if (e.tr) fill(e);
  }

  // fill makes the table's row say what the agent's state is.
  function fill(e) {
    const { a, tr, group } = e;
    const [what, fine] = doing(a);
    const plan = a.scheduled, next = a.next;
    const changed = tr.dataset.id && tr.querySelector(".doing .what").textContent !== what;
    Object.assign(tr.dataset, { id: e.id, name: e.name, team: e.team, group, since: e.since, held: e.held, from: e.from, to: e.to });
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
    const day = tr.querySelector("a.name");
    if (day) day.setAttribute("href", "/adherence/" + encodeURIComponent(a.agent_id));
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
    put(tr, ".next .when", next ? clockOn(next.start, a.time_zone) : "");
    put(tr, "td.note", a.note || "");
    tr.querySelector("td.note").title = a.note || "";
    tick(e);
    if (changed) {
      tr.classList.add("fresh");
      setTimeout(() => tr.classList.remove("fresh"), 4000);
    }
  }

  function tick(e) {
    put(e.tr, ".for time", lasting(e.since));
    put(e.tr, ".held time", lasting(e.held));
    const bar = e.tr.querySelector("progress");
    if (bar && e.to > e.from) bar.value = Math.min(100, Math.max(0, Math.floor(((now() - e.from) * 100) / (e.to - e.from))));
  }

  // appear gives the agent a row of the table.
  function appear(e) {
    if (e.tr) return;
    e.tr = blank.cloneNode(true);
    e.tr.dataset.id = "";
    fill(e);
  }

  // leave takes the agent's row out of the table; one that only the page's markup tells of is kept.
  function leave(e) {
    if (e.tr) e.tr.remove();
    if (e.a) e.tr = null;
  }

  function drop(id) {
    const e = agents.get(id);
    if (e) leave(e);
    agents.delete(id);
  }

  const compare = new Intl.Collator().compare;
  const orders = {
    worst: (a, b) => rank.get(a.group) - rank.get(b.group) || a.since - b.since || compare(a.name, b.name),
    name: (a, b) => compare(a.name, b.name),
    team: (a, b) => compare(a.team, b.team) || compare(a.name, b.name),
    held: (a, b) => a.held - b.held || compare(a.name, b.name),
  };

  // arrange counts, filters and sorts; rows that are in place already are not touched, so that focus and scroll stay.
  function arrange() {
    const wanted = find.value.trim().toLowerCase();
    const counts = new Map(groups.map((a) => [a.dataset.group, 0]));
    const list = [];
    for (const e of agents.values()) {
      counts.set(e.group, (counts.get(e.group) || 0) + 1);
      const hit = !wanted || `${e.name} ${e.id} ${e.team}`.toLowerCase().includes(wanted);
      if (hit && (show === "" || show === e.group)) list.push(e);
      else leave(e);
    }
    list.sort((a, b) => orders[order.value](a, b) || compare(a.id, b.id));
    list.slice(most).forEach(leave);
    let at = body.firstElementChild;
    list.slice(0, most).forEach((e, i) => {
      appear(e);
      if (e.tr.hidden) e.tr.hidden = false;
      if (e.tr === at) at = at.nextElementSibling;
      else body.insertBefore(e.tr, at);
      if (e.tr.ariaRowIndex !== String(i + 2)) e.tr.ariaRowIndex = i + 2;
    });
    count(counts, agents.size);
    table.ariaRowCount = list.length + 1;
    more.hidden = list.length <= most;
    put(more, "button", `Show more (${Math.max(0, list.length - most)} below)`);
    document.getElementById("shown").textContent = list.length;
    document.getElementById("total").textContent = agents.size;
    document.getElementById("empty").hidden = list.length > 0;
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

  // later does work once per frame however many events come in; of thousands of agents once a second.
  let due = false, done = 0;
  function later() {
    if (due) return;
    due = true;
    const wait = agents.size > 2000 ? Math.max(0, done + 1000 - Date.now()) : 0;
    setTimeout(() => requestAnimationFrame(() => {
      due = false;
      arrange();
      done = Date.now();
    }), wait);
  }

  // anew begins with the first rows, after another choice or order.
  function anew() {
    most = step;
    arrange();
  }

  function further() {
    most += step;
    arrange();
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
      for (const id of [...agents.keys()]) if (!there.has(id)) drop(id);
      data.items.forEach(learn);
      later();
    });
    source.addEventListener("agent", (e) => {
      learn(hear(e));
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
      anew();
    });
  }
  for (const s of form.querySelectorAll("select[name]")) s.addEventListener("change", () => form.submit());
  for (const el of document.querySelectorAll(".find, .order")) el.hidden = false;
  find.addEventListener("input", anew);
  order.addEventListener("change", anew);
  more.querySelector("button").addEventListener("click", further);
  new IntersectionObserver((seen) => seen.some((x) => x.isIntersecting) && further(), { rootMargin: "600px" }).observe(more);
  form.addEventListener("submit", (e) => {
    if (e.submitter === null && document.activeElement === find) e.preventDefault();
  });

  setInterval(() => {
    for (const tr of body.rows) tick(agents.get(tr.dataset.id));
    if (source && Date.now() - heard > 40000) {
      state("lost", "reconnecting…");
      listen();
    }
  }, 1000);
  setInterval(say, 10000);
  document.addEventListener("visibilitychange", () => {
    if (source && !document.hidden && Date.now() - heard > 20000) listen();
  });
  addEventListener("pagehide", () => source && source.close());
  addEventListener("pageshow", (e) => e.persisted && listen());

  // rest brings the agents that the page has no row of; the stream goes on from there. Without them it begins anew.
  async function rest() {
    try {
      const answer = await fetch(board.dataset.rest, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const data = await answer.json();
      const there = new Set(data.items.map((a) => a.agent_id));
      for (const id of [...agents.keys()]) if (!there.has(id)) drop(id);
      data.items.forEach(learn);
      lastID = data.event_id;
      arrange();
    } catch {
      lastID = "";
    }
    listen();
  }

  if (board.dataset.rest) rest();
  else {
    arrange();
    listen();
  }
})();
