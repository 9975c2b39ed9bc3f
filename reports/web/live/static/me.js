// My day: the words come from the server (me.go); this lets times tick, reminds by the clock, sends changes, and asks for the
// changing part of the page again when the stream reports a change.
import { follow, lasting, put } from "./stream.js";

const me = document.getElementById("me");
const form = document.getElementById("change");
const nudge = document.getElementById("nudge");
const nudgeDo = document.getElementById("nudge-do");
const advice = document.getElementById("advice");
const lead = Number(me.dataset.lead);
const the = (id) => document.getElementById(id);
let skew = 0;
let dirty = false; // the person has chosen something that is not sent yet
let sending = false;

const now = () => Date.now() + skew;
const data = () => the("now").dataset;
const number = (key) => Number(data()[key] || 0);
// set is what the person has set: what is, or, while a feed is silent, what was last set, until it reports again.
const set = (name) => (data().status === undefined ? "" : (data()[name] === "unknown" || !data()[name]) && data()[`last${name[0].toUpperCase()}${name.slice(1)}`] || data()[name] || "");
const chosen = (name) => form.querySelector(`input[name=${name}]:checked`)?.value || "";

function words(s) {
  return s ? s[0].toUpperCase() + s.slice(1).replaceAll("_", " ") : "";
}

// tick lets every time of the page go on.
function tick() {
  for (const t of me.querySelectorAll("time[data-since]")) put(t, lasting(now() - Number(t.dataset.since)));
  for (const t of me.querySelectorAll("time[data-until]")) put(t, lasting(Number(t.dataset.until) - now() + 999));
  for (const p of me.querySelectorAll("progress[data-to]")) {
    const from = Number(p.dataset.from), to = Number(p.dataset.to);
    p.value = Math.min(100, Math.max(0, ((now() - from) * 100) / (to - from)));
  }
  remind();
}

// reminder returns what is worth a word now: a scheduled change that is near, or a break that lasts too long.
function reminder() {
  const d = data(), t = now();
  const over = number("over");
  if (over && t >= over) {
    const onPlan = over === number("planEnd");
    const fits = onPlan ? d.nextFits : d.planFits, presence = onPlan ? d.nextPresence : d.planPresence;
    const back = fits && fits !== d.status ? { status: fits, presence, label: fits === "available" ? "I am back" : `Switch to ${words(fits)}` } : null;
    return { key: `over ${over}`, text: `Your ${d.overWord} ended ${lasting(t - over)} ago. Are you back?`, say: `Your ${d.overWord} has ended. Are you back?`, act: back };
  }
  const next = number("nextStart"), end = number("planEnd");
  if (next && next - t > 0 && next - t <= lead && d.nextFits !== d.status) {
    const act = d.nextFits ? { status: d.nextFits, presence: d.nextPresence, label: `Switch to ${words(d.nextFits)}` } : null;
    return { key: `next ${next}`, text: `${d.next} begins in ${lasting(next - t + 999)}.`, say: `${d.next} begins in less than ${Math.ceil((next - t) / 60000)} min.`, act };
  }
  if (end && end !== next && end - t > 0 && end - t <= lead) {
    return { key: `end ${end}`, text: `${d.plan} ends in ${lasting(end - t + 999)}; nothing is scheduled right after it.`, say: `${d.plan} ends soon.`, act: null };
  }
  return null;
}

let reminded = "";
let offer = null;
function remind() {
  const r = form ? reminder() : null;
  nudge.hidden = !r;
  offer = r && r.act;
  if (!r) return;
  put(the("nudge-text"), r.text);
  nudgeDo.hidden = !offer;
  if (offer) put(nudgeDo, offer.label);
  if (r.key !== reminded) put(the("said"), r.say);
  reminded = r.key;
}

// settle makes the choices say what is, unless the person is choosing.
function settle() {
  if (!form) return;
  const d = data();
  if (!dirty) {
    for (const name of ["presence", "status", "secondary"]) {
      for (const r of form.querySelectorAll(`input[name=${name}]`)) r.checked = r.value === set(name);
    }
    form.elements.note.value = d.note || "";
  }
  for (const l of form.querySelectorAll(".radios label")) {
    const r = l.querySelector("input");
    l.classList.toggle("is", r.value !== "" && r.value === d[r.name]);
    l.classList.toggle("kept", r.value !== "" && r.value !== d[r.name] && r.value === set(r.name));
  }
  weigh();
}

// weigh says what the choice would mean.
function weigh() {
  const d = data(), status = chosen("status"), presence = chosen("presence"), secondary = chosen("secondary");
  const seconds = the("seconds");
  if (seconds) {
    let some = false;
    for (const l of seconds.querySelectorAll("label[data-of]")) {
      l.hidden = l.dataset.of !== status;
      some = some || !l.hidden;
    }
    seconds.hidden = !some;
  }
  const was = (name) => (set(name) === "unknown" ? "" : set(name));
  const differs = status !== was("status") || presence !== was("presence") || secondary !== was("secondary") || form.elements.note.value.trim() !== (d.note || "");
  dirty = dirty && differs;
  the("apply").disabled = !differs || sending || (!status && !presence);
  the("keep").hidden = !differs;
  if (sending || advice.dataset.kind === "wrong") return;
  const unfit = JSON.parse(d.unfit || "[]");
  const bad = secondary ? unfit.includes(`${status}|${secondary}`) : unfit.includes(status);
  let text = "";
  if (differs && status !== d.status && bad && d.plan) text = `${d.plan} is scheduled now; ${words(status)} does not fit it. You can change all the same.`;
  else if (differs && status === "available" && presence !== "available") text = "While your presence is not Available, no work will be offered.";
  advice.dataset.kind = text ? "mind" : "";
  put(advice, text);
}

function say(kind, text) {
  advice.dataset.kind = kind;
  put(advice, text);
}

// send asks the server for a change. The page follows by the stream, or at once.
async function send(change) {
  sending = true;
  say("", "Changing…");
  the("apply").disabled = true;
  try {
    const answer = await fetch(`/api/v1/agents/${encodeURIComponent(me.dataset.agent)}/status`, {
      method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(change) });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      say("wrong", problem.detail || `The change was refused (${answer.status}).`);
      return;
    }
    dirty = false;
    say("done", data().lastStatus === undefined ? "Changed." : "Saved. It counts when the feed is back.");
    await refresh();
  } catch {
    say("wrong", "The server does not answer; nothing was changed. Try again.");
  } finally {
    sending = false;
    weigh();
  }
}

// announce says to a screen reader what has become of the state and its verdict, whoever changed it; not of every contact.
let announced = "";
function announce() {
  const text = (selector) => me.querySelector(`#now ${selector}`)?.firstChild?.textContent.trim() || "";
  const is = [text(".silent p span:last-child"), `${text(".what b")}, ${text(".verdict")}.`].join(" ").trim();
  if (announced && is !== announced) put(the("said"), `${is} ${text(".routable")}`);
  announced = is;
}

// refresh replaces the changing part of the page by the server's newest; two questions at once become one.
let asking = null, askAgain = false;
function refresh() {
  if (asking) {
    askAgain = true;
    return asking;
  }
  asking = (async () => {
    try {
      do {
        askAgain = false;
        const answer = await fetch("/me/now", { cache: "no-store" });
        if (answer.redirected) return location.reload();
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const id of ["now", "day"]) {
          const fresh = page.getElementById(id), old = the(id);
          if (fresh && old) old.replaceWith(fresh);
        }
        skew = number("asOf") - Date.now();
        settle();
        tick();
        announce();
      } while (askAgain);
    } catch {
      // the stream says that the connection is lost, and comes back by itself
    } finally {
      asking = null;
    }
  })();
  return asking;
}

if (form) {
  form.addEventListener("change", (e) => {
    dirty = true;
    advice.dataset.kind = "";
    const r = e.target;
    if (r.name === "status") {
      const none = form.querySelector("input[name=secondary][value='']");
      if (none) none.checked = true;
      const same = r.value === data().status;
      if (same && data().secondary) for (const s of form.querySelectorAll("input[name=secondary]")) s.checked = s.value === data().secondary;
      const keeps = r.value === "off_queue" && chosen("presence") !== "" && chosen("presence") !== "offline";
      if (!keeps) for (const p of form.querySelectorAll("input[name=presence]")) p.checked = p.value === r.dataset.presence;
    }
    if (r.name === "presence" && r.value === "offline") {
      for (const s of form.querySelectorAll("input[name=status]")) s.checked = s.value === "off_queue";
    }
    weigh();
  });
  form.addEventListener("input", (e) => {
    if (e.target.name !== "note") return;
    dirty = true;
    weigh();
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    if (the("apply").disabled) return;
    const change = { note: form.elements.note.value.trim() };
    for (const name of ["presence", "status", "secondary"]) if (chosen(name)) change[name] = chosen(name);
    send(change);
  });
  the("keep").addEventListener("click", () => {
    dirty = false;
    say("", "");
    settle();
    form.querySelector("input[name=status]:checked")?.focus();
  });
  nudgeDo.addEventListener("click", () => {
    if (offer) send({ presence: offer.presence, status: offer.status, note: "" });
  });
}

skew = number("asOf") - Date.now();
settle();
tick();
announce();
setInterval(tick, 1000);
setInterval(() => document.hidden || refresh(), 30000);

// soon asks at once, and once more when a run that has only just begun can be seen.
let more = null;
function soon() {
  clearTimeout(more);
  more = setTimeout(refresh, 1500);
  refresh();
}
follow(me.dataset.stream, { snapshot: soon, agent: soon, gone: soon, asOf: (ms) => (skew = ms - Date.now()) });
