// Comfort for readers with JavaScript; every page works without it.

import { inWeChat } from "./browser.js";
import "./keys.js";
import "./times.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

/** Counts a view once somebody looks: not for a page that is only being prepared. */
function countView(article) {
  const send = () => navigator.sendBeacon?.(article.dataset.hit)
    || fetch(article.dataset.hit, { method: "POST", keepalive: true }).catch(() => {});
  if (document.prerendering) document.addEventListener("prerenderingchange", send, { once: true });
  else send();
}

/** A second click on a slow line does not send a form twice. */
function sendOnce() {
  const sent = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    // Later: a disabled button would not say its name to the server.
    setTimeout(() => event.submitter?.setAttribute("disabled", ""));
  });
  addEventListener("pageshow", () => {
    for (const form of sent) {
      for (const button of form.elements) if (button.type === "submit") button.disabled = false;
    }
    sent.clear();
  });
}

/** Small menus close as menus do: by Escape, or a click elsewhere. */
function menus() {
  const close = (except) => all("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    one("summary", menu).focus();
  });
}

/** Phones offer the mailed code above the keyboard; a pasted one loses its spaces. */
function codeField(input) {
  input.autocomplete = "one-time-code";
  input.inputMode = "numeric";
  input.addEventListener("input", () => {
    const digits = input.value.normalize("NFKC").replace(/\s/g, "");
    if (digits !== input.value) input.value = digits;
  });
}

all("article[data-hit]").forEach(countView);
// What differs in WeChat: a hint for inside, and what only helps outside.
all("[data-wechat]").forEach((part) => { part.hidden = (part.dataset.wechat === "inside") !== inWeChat; });
all("input[name=code]").forEach(codeField);
sendOnce();
menus();
// The current section may stand outside the sight of a phone.
one(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
