// The pages of imports work without this script. It lets files be dropped, shows how much of a file is sent, and follows work
// without loading the page again.
const form = document.getElementById("upload");
const working = document.getElementById("working");

function size(bytes) {
  return bytes < 1 << 20 ? `${Math.max(1, Math.round(bytes / 1024))} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

// replacePage puts a page of the server in the place of this one.
function replacePage(text, address) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = page.querySelector("main");
  if (!main) {
    location.assign(address);
    return;
  }
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.title = page.title;
  const first = document.querySelector("main .said.bad, main .file-name, main h1");
  if (first) {
    first.tabIndex = -1;
    first.focus();
  }
}

function prepare(form) {
  const file = form.querySelector("#file");
  const drop = form.querySelector("#drop");
  const says = form.querySelector("#sending");
  const bar = form.querySelector("#sent");
  const button = form.querySelector("button.main");
  const most = Number(form.dataset.most);

  function chosen() {
    const one = file.files[0];
    if (!one) return;
    drop.querySelector("label b").textContent = one.name;
    drop.querySelector(".or").textContent = size(one.size);
    drop.classList.add("has");
    const tooLong = one.size > most;
    button.disabled = tooLong;
    says.dataset.kind = tooLong ? "wrong" : "";
    says.textContent = tooLong ? `The file has ${size(one.size)}; at most ${size(most)} can be sent. Split it, or use rollcall import on the machine itself.` : "Nothing is imported before you have seen what would change.";
  }
  file.addEventListener("change", chosen);
  for (const event of ["dragenter", "dragover"]) {
    drop.addEventListener(event, (e) => {
      e.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (e) => {
    e.preventDefault();
    drop.classList.remove("over");
    if (e.dataTransfer.files.length === 0) return;
    const one = new DataTransfer();
    one.items.add(e.dataTransfer.files[0]);
    file.files = one.files;
    chosen();
    button.focus();
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const send = new XMLHttpRequest();
    button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    says.textContent = "Sending";
    send.upload.addEventListener("progress", (p) => {
      if (!p.lengthComputable) return;
      bar.value = (100 * p.loaded) / p.total;
      says.textContent = p.loaded < p.total ? `Sending: ${size(p.loaded)} of ${size(p.total)}` : "Reading and checking the file";
    });
    send.addEventListener("load", () => {
      if (send.status < 400 && send.responseURL) {
        location.assign(send.responseURL);
        return;
      }
      replacePage(send.responseText, location.href);
      const again = document.getElementById("upload");
      if (again) prepare(again);
    });
    send.addEventListener("error", () => {
      button.disabled = false;
      bar.hidden = true;
      says.dataset.kind = "wrong";
      says.textContent = "The file could not be sent: the connection broke. Nothing was imported; try again.";
    });
    send.open("POST", form.action);
    send.send(new FormData(form));
  });
}

async function follow() {
  for (;;) {
    await new Promise((done) => setTimeout(done, 1000));
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("working");
      if (!next) {
        location.replace(answer.url);
        return;
      }
      const doing = document.getElementById("doing");
      if (doing.textContent !== next.querySelector("#doing").textContent) doing.replaceWith(document.adoptNode(next.querySelector("#doing")));
      const bar = document.getElementById("bar");
      const now = page.getElementById("bar");
      if (now && now.hasAttribute("value")) {
        bar.max = now.max;
        bar.value = now.value;
      } else {
        bar.removeAttribute("value");
      }
    } catch {
      document.getElementById("doing").textContent = "The server does not answer; trying again";
    }
  }
}

if (form) prepare(form);
if (working) follow();
