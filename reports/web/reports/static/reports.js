// The page of reports while one is made: its list is asked for again until nothing is under way.
async function again() {
  const recent = document.getElementById("recent");
  if (!recent || !recent.dataset.pending) return;
  try {
    const answer = await fetch("/reports", { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const held = recent.contains(document.activeElement);
      if (!held || !page.getElementById("recent").dataset.pending) recent.replaceWith(page.getElementById("recent"));
    }
  } catch {
    // the server is away; the next attempt may find it
  }
  setTimeout(again, 1500);
}

setTimeout(again, 700);
