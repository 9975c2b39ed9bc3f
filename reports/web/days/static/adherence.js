// The page of one day: pointing at a stretch of the picture, or stepping to it by keyboard, shows under the picture why it was
// judged so. Without this script a stretch leads to its line of the table and has its explanation as a title.
const explanation = document.getElementById("explanation");

// explain puts a line of the table under the picture.
function explain(n) {
  const tr = document.getElementById("s" + n);
  if (!tr || !explanation) return;
  const words = (cell) => cell.textContent.replace(/\s+/g, " ").trim();
  const [when, plan, did, verdict] = [...tr.cells].map(words);
  const why = tr.querySelector(".because");
  const head = document.createElement("p");
  const time = document.createElement("b");
  time.textContent = when;
  head.append(time, ` · scheduled ${plan} · done ${did} · ${verdict}`);
  const because = document.createElement("p");
  because.textContent = `${words(why.querySelector(".say"))} (${words(why.querySelector(".rule"))})`;
  const evidence = [...why.querySelectorAll("details p")].map((p) => {
    const line = document.createElement("span");
    line.className = "fine";
    line.textContent = words(p);
    return line;
  });
  explanation.replaceChildren(head, because, ...evidence);
  explanation.hidden = false;
}

// The title of the browser would say the same again.
for (const a of document.querySelectorAll(".picture [data-step]")) {
  const title = a.querySelector("title");
  if (title) title.remove();
  a.addEventListener("mouseenter", () => explain(a.dataset.step));
  a.addEventListener("focus", () => explain(a.dataset.step));
}

// The arrow keys go from stretch to stretch.
const moments = [...document.querySelectorAll(".moment")];
moments.forEach((a, i) =>
  a.addEventListener("keydown", (e) => {
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: moments.length - 1 }[e.key];
    if (to === undefined || !moments[to]) return;
    e.preventDefault();
    moments[to].focus();
  }),
);
