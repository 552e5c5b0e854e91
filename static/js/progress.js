// A page about work that goes on looks again by itself, where somebody reads it, until the work is done.
// Without this file the browser loads it anew.

const EVERY = 1_000; // milliseconds

const root = document.querySelector("[data-progress]");

/** Puts in what has changed; the page stays, with its focus and its place. */
function renew(fresh) {
  for (const part of root.querySelectorAll("[data-part]")) {
    const now = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
  }
  root.toggleAttribute("data-running", fresh.hasAttribute("data-running"));
}

async function look() {
  try {
    const answer = await fetch(location.href, { redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    renew(page.querySelector("[data-progress]"));
  } catch { /* no line: the next look finds one */ }
  later();
}

function later() {
  if (root.hasAttribute("data-running")) setTimeout(look, EVERY);
}

later();
