// The live board goes on where the page that the server made ends: it listens for changed rows, keeps the table sorted and
// counted, and lets the times tick. It knows every agent, and the table has the first rows of them: more come when somebody
// scrolls to its end or asks for them. Words and groups are those of board.go; keep the two alike.
import { follow, lasting, put } from "./stream.js";

const board = document.getElementById("board");
const body = document.getElementById("rows");
const blank = document.getElementById("blank").content.firstElementChild;
const find = document.getElementById("find");
const order = document.getElementById("order");
const form = document.querySelector(".filters");
const presence = board.classList.contains("presence");
const groups = [...document.querySelectorAll(".groups a")];
const rank = new Map(groups.map((a, i) => [a.dataset.group, i]));
const table = document.getElementById("agents");
const more = document.getElementById("more");
// agents holds what is known of each: what it is sorted and found by, the row of the server (a, null as long as only the
// page's markup has it) and the table's row (tr, null while it is not in the table).
const agents = new Map([...body.rows].map((tr) => [tr.dataset.id, known(tr)]));
const step = 250;
let most = step;
const zones = new Map();
const weekdays = new Map();
let show = board.dataset.show;
let skew = Number(board.dataset.asOf) - Date.now();

function known(tr) {
  const d = tr.dataset;
  return { id: d.id, name: d.name, team: d.team, group: d.group, since: Number(d.since), held: Number(d.held), from: Number(d.from),
    to: Number(d.to), a: null, tr };
}

const now = () => Date.now() + skew;
const ms = (instant) => (instant ? Date.parse(instant) : 0);
const elapsed = (instant) => (instant ? lasting(now() - instant) : "");
const words = (s) => (s ? s[0].toUpperCase() + s.slice(1).replaceAll("_", " ") : "");

function clock(instant, zone) {
  zone = zone || "UTC";
  if (!zones.has(zone)) {
    zones.set(zone, new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }));
  }
  return zones.get(zone).format(new Date(instant));
}

// clockOn writes the time of day, with the weekday where that is not the one of now.
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

// write makes a part of an element say a text.
const write = (el, selector, text) => put(el.querySelector(selector), text);

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
  write(tr, ".state .word", wordOf(group));
  const severe = tr.querySelector(".state .vh");
  if (severe) severe.remove();
  if (group === "severe") {
    const said = document.createElement("span");
    said.className = "vh";
    said.textContent = " of adherence, severe";
    tr.cells[0].append(said);
  }
  write(tr, ".agent .name", a.name);
  const day = tr.querySelector("a.name");
  if (day) day.setAttribute("href", "/adherence/" + encodeURIComponent(a.agent_id));
  write(tr, ".agent .id", a.agent_id);
  write(tr, "td.team", a.team || "");
  write(tr, ".plan .what", plan ? plan.code || words(plan.category) : "–");
  write(tr, ".plan .when", plan ? `${clock(plan.start, a.time_zone)}–${clock(plan.end, a.time_zone)}` : "");
  const bar = tr.querySelector("progress");
  if (bar && !plan) bar.remove();
  if (!bar && plan) {
    const p = document.createElement("progress");
    p.max = 100;
    p.setAttribute("aria-label", "elapsed");
    tr.querySelector("td.plan").append(p);
  }
  write(tr, ".doing .what", what);
  write(tr, ".doing .fine", fine);
  write(tr, ".next .what", next ? next.code || words(next.category) : "");
  write(tr, ".next .when", next ? clockOn(next.start, a.time_zone) : "");
  write(tr, "td.note", a.note || "");
  tr.querySelector("td.note").title = a.note || "";
  tick(e);
  if (changed) {
    tr.classList.add("fresh");
    setTimeout(() => tr.classList.remove("fresh"), 4000);
  }
}

function tick(e) {
  write(e.tr, ".for time", elapsed(e.since));
  write(e.tr, ".held time", elapsed(e.held));
  const bar = e.tr.querySelector("progress");
  if (bar && e.to > e.from) bar.value = Math.min(100, Math.max(0, Math.floor(((now() - e.from) * 100) / (e.to - e.from))));
}

// appear adds a row of the table for the agent.
function appear(e) {
  if (e.tr) return;
  e.tr = blank.cloneNode(true);
  e.tr.dataset.id = "";
  fill(e);
}

// leave takes the agent's row out of the table; one that only the page's markup has is kept.
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
  write(more, "button", `Show more (${Math.max(0, list.length - most)} below)`);
  document.getElementById("shown").textContent = list.length;
  document.getElementById("total").textContent = agents.size;
  document.getElementById("empty").hidden = list.length > 0;
}

function count(counts, total) {
  let seen = 0, at = 0;
  for (const a of groups) {
    const n = counts.get(a.dataset.group);
    write(a, "b", String(n));
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

// say reads the counts to a screen reader, at most every ten seconds and only when they changed.
let said = "";
function say() {
  const words = groups.filter((a) => a.querySelector("b").textContent !== "0").map((a) => a.textContent.trim()).join(", ");
  if (said && words !== said) document.getElementById("said").textContent = words;
  said = words;
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
}, 1000);
setInterval(say, 10000);

// take makes the agents those of a list.
function take(items) {
  const there = new Set(items.map((a) => a.agent_id));
  for (const id of [...agents.keys()]) if (!there.has(id)) drop(id);
  items.forEach(learn);
}

function listen(address) {
  follow(address, {
    snapshot: (data) => {
      take(data.items);
      later();
    },
    agent: (a) => {
      learn(a);
      later();
    },
    gone: (a) => {
      drop(a.agent_id);
      later();
    },
    asOf: (instant) => (skew = instant - Date.now()),
  });
}

// rest brings the agents that the page has no row of; the stream goes on from there. Without them it begins anew.
async function rest() {
  const [path, query] = board.dataset.stream.split("?");
  const q = new URLSearchParams(query);
  try {
    const answer = await fetch(board.dataset.rest, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const data = await answer.json();
    take(data.items);
    q.set("last_event_id", data.event_id);
    arrange();
  } catch {
    q.set("last_event_id", "");
  }
  listen(`${path}?${q}`);
}

if (board.dataset.rest) rest();
else {
  arrange();
  listen(board.dataset.stream);
}
