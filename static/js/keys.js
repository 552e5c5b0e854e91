// Keys for those who know them, and a list of them (?). They can be switched off (WCAG 2.1.4), and
// none of them works where somebody writes.

import { memory } from "./browser.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

const KEY = "keys-off";
const STOPS = "article.comment, a.story, .result";
const SECOND = 1500; // milliseconds in which a second key belongs to the first

const list = one("#keys");
const box = one("#site-search");
const BEFORE = "search-key"; // as the switch of "/" alone was called
let isOff = Boolean(memory.get(KEY)) || memory.text(BEFORE) === "off";
const isOn = () => !isOff;

function show() {
  for (const row of all("[data-needs]", list)) row.hidden = !one(row.dataset.needs);
  list.showModal();
}

/** The next comment, story or result, or the one before; at first whatever is in sight. */
function step(by) {
  const stops = all(STOPS);
  const here = stops.indexOf(document.activeElement?.closest(STOPS));
  const inSight = stops.findIndex((stop) => stop.getBoundingClientRect().bottom > 0);
  const at = here < 0 ? inSight - (by < 0) : here + by;
  const stop = stops[at];
  if (!stop) return;
  const target = stop.matches(".result") ? one("a", stop) : stop;
  if (target.tabIndex < 0) target.tabIndex = -1; // a comment
  target.focus({ preventScroll: true });
  stop.scrollIntoView({ block: "center" });
}

const KEYS = {
  "/"() {
    box.focus();
    box.select();
  },
  "?": show,
  j: () => step(1),
  k: () => step(-1),
  "g h"() { location.assign(one("a.nameplate").href); },
};

let first = "";
let timer = 0;
document.addEventListener("keydown", (event) => {
  if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]") || one("dialog[open]")) return;
  clearTimeout(timer);
  const act = KEYS[first + event.key] ?? KEYS[event.key];
  first = event.key === "g" ? "g " : "";
  timer = setTimeout(() => { first = ""; }, SECOND);
  if (!act) return;
  event.preventDefault();
  act();
});

if (list) {
  const choice = one("[type=checkbox]", list);
  const told = () => {
    if (isOn()) box?.setAttribute("aria-keyshortcuts", "/");
    else box?.removeAttribute("aria-keyshortcuts");
  };
  choice.checked = isOn();
  choice.addEventListener("change", () => {
    // For this page also where nothing can be kept.
    isOff = !choice.checked;
    memory.drop(BEFORE);
    if (isOff) memory.set(KEY, true);
    else memory.drop(KEY);
    told();
  });
  told();
  for (const button of all("[data-keys]")) button.addEventListener("click", show);
}
