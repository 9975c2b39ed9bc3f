// Which feeds are silent: the words come from the server (silence.go), which is asked again while the page is looked at. A
// screen reader hears of a silence and of its end once, not of every second of it.
import { put } from "./stream.js";

async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/silent", { cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("silent");
    const old = document.getElementById("silent");
    if (!fresh || !old) return;
    if (fresh.dataset.who !== old.dataset.who) {
      old.replaceWith(fresh);
      put(document.getElementById("said"), fresh.hidden ? "Every feed reports again." : fresh.textContent.trim());
    } else put(old.querySelector(".words"), fresh.querySelector(".words").textContent);
  } catch {
    // the stream says that the connection is lost
  }
}

setInterval(ask, 5000);
document.addEventListener("visibilitychange", ask);
