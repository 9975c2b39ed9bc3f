// Change several at once: who is ticked and what they are to be goes to the API, first as a question (dry_run), then, for those of
// whom the answer said that they would change, as the change; a change can be taken back. All words about agents come from there.
import { put } from "./stream.js";

const the = (id) => document.getElementById(id);
const form = the("change");
const boxes = [...document.querySelectorAll("#rows input[name=agent]")];
const calls = "/api/v1/status-changes/bulk";
const kept = "rollcall-bulk"; // the last change of this tab, so that a reload does not lose its undo
const words = (s) => (s ? s[0].toUpperCase() + s.slice(1).replaceAll("_", " ") : "");
const agents = (n) => `${n} agent${n === 1 ? "" : "s"}`;
const chosen = (name) => form.querySelector(`input[name=${name}]:checked`)?.value || "";
const shown = () => boxes.filter((b) => !b.closest("tr").hidden);
const ticked = () => boxes.filter((b) => b.checked && !b.closest("tr").hidden);
let planned = null; // what the preview was asked about
let last = null; // the last box that was clicked, for a range

function say(el, kind, text) {
  el.dataset.kind = kind;
  put(el, text);
}

// wanted returns the body of the calls without who is meant; null where nothing is wanted.
function wanted() {
  const w = {};
  for (const name of ["presence", "status", "secondary"]) if (chosen(name)) w[name] = chosen(name);
  const note = form.elements.note.value.trim();
  if (note) w.note = note;
  return Object.keys(w).length ? w : null;
}

// weigh brings counts and buttons up to date.
function weigh() {
  const n = ticked().length, list = shown();
  put(the("ticked"), String(n));
  put(the("listed"), String(list.length));
  the("all").checked = n > 0 && n === list.length;
  the("all").indeterminate = n > 0 && n < list.length;
  the("preview").disabled = !n || !wanted();
  put(the("preview"), n ? `Preview for ${agents(n)}` : "Preview");
  const seconds = the("seconds");
  if (!seconds) return;
  let some = false;
  for (const l of seconds.querySelectorAll("label[data-of]")) {
    l.hidden = l.dataset.of !== chosen("status");
    some = some || !l.hidden;
  }
  seconds.hidden = !some;
}

// ask makes a call and returns its answer, or says what went wrong and returns null.
async function ask(path, body, where) {
  say(where, "", "One moment…");
  try {
    const answer = await fetch(path, { method: "POST", headers: body ? { "Content-Type": "application/json" } : {}, body: body ? JSON.stringify(body) : undefined });
    if (answer.status === 401) return location.reload();
    const data = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      say(where, "wrong", data.detail || `It was refused (${answer.status}).`);
      return null;
    }
    say(where, "", "");
    return data;
  } catch {
    say(where, "wrong", "The server does not answer; nothing was changed that is not shown here. Try again.");
    return null;
  }
}

const outcomes = {
  refused: "Refused", kept: "Kept as it is", would_change: "Will change", changed: "Changed", restored: "Set back", already_so: "Is so already",
};

function stateWords(s) {
  if (!s) return "";
  const what = [s.secondary || words(s.status), (s.presence || "").toLowerCase()].filter(Boolean);
  return what.join(" · ") + (s.note ? ` “${s.note}”` : "");
}

function cell(row, name, text, cls) {
  const c = document.createElement(name);
  if (name === "th") c.scope = "row";
  if (cls) c.className = cls;
  c.textContent = text;
  row.append(c);
  return c;
}

// show says what became, or would become, of each agent: first what needs a look.
function show(result, title) {
  const order = Object.keys(outcomes);
  const items = result.items.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || (a.name || a.agent_id).localeCompare(b.name || b.agent_id));
  const body = document.createDocumentFragment();
  for (const i of items) {
    const row = document.createElement("tr");
    row.className = i.outcome;
    row.dataset.id = i.agent_id;
    const who = cell(row, "th", i.name || i.agent_id, "agent");
    if (i.name) {
      const id = document.createElement("span");
      id.className = "id";
      id.textContent = ` ${i.agent_id}`;
      who.append(id);
    }
    cell(row, "td", outcomes[i.outcome] || words(i.outcome), "outcome");
    cell(row, "td", stateWords(i.before), "before");
    cell(row, "td", stateWords(i.after), "after");
    cell(row, "td", i.because || "", "why");
    body.append(row);
  }
  the("items").replaceChildren(body);
  put(the("counts"), order.filter((k) => result.counts[k]).map((k) => `${outcomes[k]}: ${result.counts[k]}`).join(" · "));
  put(the("outcome-title"), title);
  the("choose").hidden = true;
  the("outcome").hidden = false;
  the("outcome-title").focus();
}

// offerUndo remembers a change that can be taken back.
function offerUndo(id, text) {
  sessionStorage.setItem(kept, JSON.stringify({ id, text }));
  the("undo").hidden = false;
  the("undo").dataset.id = id;
}

async function preview() {
  const want = wanted();
  if (!want) return;
  want.select = { agents: ticked().map((b) => b.value) };
  const result = await ask(`${calls}?dry_run=true`, want, the("advice"));
  if (!result) return;
  const n = result.counts.would_change || 0;
  planned = { ...want, select: { agents: result.items.filter((i) => i.outcome === "would_change").map((i) => i.agent_id) } };
  the("undo").hidden = true;
  the("apply").hidden = !n;
  put(the("apply"), `Change ${agents(n)}`);
  put(the("back"), "Back to the list");
  show(result, n ? `${agents(n)} will change` : "Nothing would change");
}

async function apply() {
  the("apply").disabled = true;
  const result = await ask(calls, planned, the("result"));
  the("apply").disabled = false;
  if (!result) return;
  const n = result.counts.changed || 0;
  the("apply").hidden = true;
  put(the("back"), "Change others");
  show(result, `${agents(n)} changed`);
  if (result.id) offerUndo(result.id, `${agents(n)} changed`);
}

async function undo(id) {
  const result = await ask(`${calls}/${encodeURIComponent(id)}/undo`, null, the("outcome").hidden ? the("advice") : the("result"));
  if (!result) return;
  sessionStorage.removeItem(kept);
  the("again").hidden = true;
  the("apply").hidden = the("undo").hidden = true;
  put(the("back"), "Change others");
  const n = result.counts.restored || 0;
  show(result, `${agents(n)} set back`);
}

for (const s of document.querySelectorAll(".filters select")) s.addEventListener("change", () => s.form.requestSubmit());
the("find").closest("form").addEventListener("keydown", (e) => {
  if (e.key === "Enter" && e.target === the("find")) e.preventDefault();
});
the("find").addEventListener("input", () => {
  const text = the("find").value.trim().toLowerCase();
  for (const b of boxes) {
    const row = b.closest("tr");
    row.hidden = text !== "" && ![row.dataset.name, row.dataset.team, b.value].some((v) => v.toLowerCase().includes(text));
  }
  weigh();
});
the("all").addEventListener("change", () => {
  for (const b of shown()) b.checked = the("all").checked;
  weigh();
});
the("rows").addEventListener("click", (e) => {
  if (e.target.name !== "agent") return;
  const list = shown(), at = list.indexOf(e.target);
  if (e.shiftKey && last && list.includes(last)) {
    const from = list.indexOf(last);
    for (const b of list.slice(Math.min(from, at), Math.max(from, at) + 1)) b.checked = e.target.checked;
  }
  last = e.target;
  weigh();
});
form.addEventListener("change", (e) => {
  say(the("advice"), "", "");
  if (e.target.name === "status") {
    const none = form.querySelector("input[name=secondary][value='']");
    if (none) none.checked = true;
    const presence = e.target.dataset.presence || "";
    for (const p of form.querySelectorAll("input[name=presence]")) p.checked = p.value === presence;
  }
  weigh();
});
form.addEventListener("input", weigh);
form.addEventListener("submit", (e) => {
  e.preventDefault();
  if (!the("preview").disabled) preview();
});
the("apply").addEventListener("click", apply);
the("undo").addEventListener("click", () => undo(the("undo").dataset.id));
the("again-do").addEventListener("click", () => undo(the("again-do").dataset.id));
the("back").addEventListener("click", () => {
  if (planned && !the("apply").hidden) {
    the("outcome").hidden = true;
    the("choose").hidden = false;
    the("preview").focus();
    return;
  }
  location.reload();
});

const before = JSON.parse(sessionStorage.getItem(kept) || "null");
if (before) {
  put(the("again-text"), `The last change, ${before.text}, can still be taken back.`);
  the("again-do").dataset.id = before.id;
  the("again").hidden = false;
}
weigh();
