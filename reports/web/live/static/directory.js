// The directory goes on where the page that the server made ends. Of each row it uses what a colleague sees.
import { follow, put } from "./stream.js";

const directory = document.getElementById("directory");
const teams = document.getElementById("teams");
const find = document.getElementById("find");
const only = document.getElementById("only");
const blank = document.getElementById("blank").content.firstElementChild;
const blankTeam = document.getElementById("blank-team").content.firstElementChild;
const people = new Map([...directory.querySelectorAll("#teams .person")].map((li) => [li.dataset.id, li]));
const clocks = new Map();
let skew = Number(directory.dataset.asOf) - Date.now();

const words = (s) => (s ? s[0].toUpperCase() + s.slice(1).replaceAll("_", " ") : "");

function clock(zone) {
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }));
  }
  return clocks.get(zone).format(new Date(Date.now() + skew));
}

// coarse writes a length of time in its largest unit, as directory.go does.
function coarse(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}

function tick(li) {
  const since = Number(li.dataset.since);
  put(li.querySelector(".for"), since ? coarse(Date.now() + skew - since) : "");
  put(li.querySelector(".clock"), clock(li.dataset.zone || "UTC"));
}

// place finds the list of a team, or makes it in its place.
function place(name) {
  const list = [...teams.children];
  let section = list.find((s) => s.dataset.team === name);
  if (!section) {
    section = blankTeam.cloneNode(true);
    section.dataset.team = name;
    put(section.querySelector(".title"), name || "No team");
    teams.insertBefore(section, list.find((s) => s.dataset.team > name) || null);
  }
  return section.querySelector(".people");
}

function upsert(a) {
  let li = people.get(a.agent_id);
  const before = li && li.dataset.team + "\n" + li.dataset.name;
  if (!li) {
    li = blank.cloneNode(true);
    people.set(a.agent_id, li);
  }
  const presence = a.presence || "unknown";
  Object.assign(li.dataset, { id: a.agent_id, name: a.name, team: a.team || "", zone: a.time_zone || "UTC", since: a.since.presence ? Date.parse(a.since.presence) : 0 });
  li.className = `person ${presence}`;
  put(li.querySelector(".name"), a.name);
  put(li.querySelector(".word"), words(presence));
  put(li.querySelector(".note"), a.note || "");
  const time = li.querySelector(".clock");
  time.title = `local time in ${li.dataset.zone}`;
  if (before !== li.dataset.team + "\n" + li.dataset.name) {
    const list = place(li.dataset.team);
    list.insertBefore(li, [...list.children].find((o) => o !== li && o.dataset.name > a.name) || null);
  }
  tick(li);
}

function drop(id) {
  const li = people.get(id);
  if (li) li.remove();
  people.delete(id);
}

// arrange shows who is looked for and counts.
function arrange() {
  const wanted = find.value.trim().toLowerCase();
  let shown = 0;
  for (const section of [...teams.children]) {
    let available = 0, all = 0, hits = 0;
    for (const li of section.querySelectorAll(".person")) {
      const is = li.classList.contains("available");
      const text = `${li.dataset.name} ${li.dataset.id} ${li.dataset.team} ${li.querySelector(".note").textContent}`.toLowerCase();
      const hit = (!wanted || text.includes(wanted)) && (!only.checked || is);
      if (li.hidden === hit) li.hidden = !hit;
      all++;
      if (is) available++;
      if (hit) hits++;
    }
    if (all === 0) {
      section.remove();
      continue;
    }
    section.hidden = hits === 0;
    put(section.querySelector(".count"), `${available} of ${all} available`);
    shown += hits;
  }
  put(document.getElementById("shown"), String(shown));
  document.getElementById("empty").hidden = shown > 0;
}

let due = false;
function later() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    arrange();
  });
}

find.addEventListener("input", () => {
  arrange();
  put(document.getElementById("said"), `${document.getElementById("shown").textContent} found`);
});
only.addEventListener("change", arrange);
const form = directory.querySelector(".filters");
form.addEventListener("submit", (e) => e.preventDefault());
for (const s of form.querySelectorAll("select")) s.addEventListener("change", () => form.submit());

follow(directory.dataset.stream, {
  snapshot: (data) => {
    const there = new Set(data.items.map((a) => a.agent_id));
    for (const id of [...people.keys()]) if (!there.has(id)) drop(id);
    data.items.forEach(upsert);
    later();
  },
  agent: (a) => {
    upsert(a);
    later();
  },
  gone: (a) => {
    drop(a.agent_id);
    later();
  },
  asOf: (ms) => (skew = ms - Date.now()),
});
setInterval(() => {
  for (const li of people.values()) if (!li.hidden) tick(li);
}, 1000);
