// The queue without reloading: a group leaves as soon as it is decided, the next one is at hand, and keys
// press the buttons. Without this file each button sends its form, and the page comes anew.

import { memory } from "./browser.js";

const root = document.querySelector("[data-queue]");
const one = (selector, from = root) => from.querySelector(selector);
const all = (selector, from = root) => [...from.querySelectorAll(selector)];

const list = one("[data-groups]");
const said = one("[data-said]");
const dialog = one("[data-keys]");
const on = one("[data-keys-on]");
const help = one("[data-keys-help]");
const KEY = "queue-keys-off";
const FEW = 8; // groups left on the page: time to fetch more
const SLOW = 600; // milliseconds until it is said that something is under way

let current = null;
let under_way = 0;
let last = Promise.resolve(); // acts are sent one after the other
let leaving = false;

const groups = () => all("[data-group]:not([hidden])", list);

/** Marks a group as the one that keys are for; `focus` also goes there. */
function choose(group, focus = true) {
  current?.classList.remove("chosen");
  current = group ?? null;
  const empty = one("[data-empty]");
  // A group that is hidden is not decided yet.
  empty.hidden = !!one("[data-group]", list) || !!one("[data-more]");
  const target = current ?? empty;
  current?.classList.add("chosen");
  if (!focus || target.hidden) return;
  (current ? one("h2", current) : target).focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
}

function step(by) {
  const there = groups();
  if (there.length) choose(there[Math.max(0, Math.min(there.length - 1, there.indexOf(current) + by))]);
}

/** Opens what there is to say, since the act says nothing without words. */
function ask_for_words(form, button) {
  const box = one("textarea", form);
  box.closest("details").open = true;
  form.dataset.act = button.value;
  box.focus();
}

function act(form, button) {
  const words = one("textarea", form)?.value.trim() || one("[name=quick]:checked", form);
  if ("needsWords" in button.dataset && !words) return ask_for_words(form, button);
  const data = new FormData(form);
  data.set("act", button.value);
  const there = groups();
  const at = there.indexOf(form);
  const next = there[at + 1] ?? there[at - 1];
  form.hidden = true;
  under_way += 1;
  choose(next);
  const slow = setTimeout(() => { said.textContent = said.dataset.working; }, SLOW);
  last = last.then(() => send(form, data)).catch(() => {
    form.hidden = false;
    said.textContent = said.dataset.failed;
  }).then(() => {
    clearTimeout(slow);
    under_way -= 1;
    if (!current) choose(groups()[0]);
  });
}

async function send(form, data) {
  const headers = { Accept: "application/json" };
  const answer = await fetch(form.action, { method: "POST", body: data, headers, redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  const { gone, said: html } = await answer.json();
  said.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  const stale = leave(new Set(gone.map(String)));
  if (stale.length) renew(stale, await page(location.href));
  if (form.isConnected) form.hidden = false;
  await fetch_more().catch(() => {}); // the link is still there
}

/** Takes out what is gone. Returns the groups of which some is left. */
function leave(gone) {
  const stale = [];
  for (const group of all("[data-group]", list)) {
    const cases = all("[data-case]", group);
    const rest = one("[name=rest]", group)?.value.split(",") ?? [];
    const left = [...cases.map((each) => each.dataset.case), ...rest].filter((pk) => !gone.has(pk));
    if (left.length === cases.length + rest.length) continue;
    if (left.length || "beyond" in group.dataset) stale.push(group);
    else remove(group);
  }
  return stale;
}

function remove(group) {
  group.remove();
  if (group === current) choose(groups()[0]);
}

async function page(address) {
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Shows groups as they are now. */
function renew(stale, fresh) {
  const there = all("[data-group]", fresh);
  for (const group of stale) {
    const now = there.find((each) => each.dataset.group === group.dataset.group);
    if (!now) remove(group);
    else {
      group.replaceWith(now);
      if (group === current) choose(now);
    }
  }
}

/** Brings in the next page before this one is empty. */
async function fetch_more() {
  const more = one("[data-more]");
  if (!more || groups().length >= FEW) return;
  const fresh = await page(more.href);
  const known = new Set(all("[data-group]", list).map((each) => each.dataset.group));
  list.append(...all("[data-group]", fresh).filter((each) => !known.has(each.dataset.group)));
  const after = one("[data-more]", fresh);
  if (after) more.href = after.getAttribute("href");
  else more.closest("p").remove();
}

/** Follows a button or link that leaves the page, once all acts have arrived. */
async function go(find) {
  if (leaving) return;
  leaving = true;
  await last;
  const element = find();
  leaving = !!element;
  element?.click();
}

const undo = () => one(".undo button", said);

function toggle() {
  const boxes = current ? all("input[type=checkbox][name=case]", current) : [];
  const box = boxes.find((each) => each === document.activeElement) ?? boxes[0];
  if (box) box.checked = !box.checked;
}

function say(number) {
  const box = current && all("[name=quick]", current)[number - 1];
  if (!box) return;
  box.closest("details").open = true;
  box.checked = !box.checked;
}

function press(act_) {
  const button = current && one(`.queue-acts button[value=${act_}]`, current);
  if (button) act(current, button);
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("approve"),
  r: () => press("remove"),
  s: () => press("spam"),
  b: () => go(() => current && one("a.spammer", current)),
  x: toggle,
  u: () => go(undo),
  "?": () => dialog.showModal(),
};

root.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-group]")) {
    event.preventDefault();
    act(form, event.submitter ?? one(".queue-acts button", form));
  } else if (form.matches(".undo") && under_way) {
    event.preventDefault();
    go(undo);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.repeat) return;
  const box = event.target.closest("[data-group] textarea");
  if (box && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = box.closest("[data-group]");
    const button = one(`.queue-acts button[value="${form.dataset.act}"]`, form);
    act(form, button ?? one(".queue-acts button", form));
    return;
  }
  if (box && event.key === "Escape") return choose(box.closest("[data-group]"));
  if (event.ctrlKey || event.metaKey || !on.checked) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog")) return;
  if (acts[event.key]) acts[event.key]();
  else if (/^[1-9]$/.test(event.key)) say(Number(event.key));
  else return;
  event.preventDefault();
});

// Whoever clicks into a group goes on from there.
list.addEventListener("focusin", (event) => {
  const group = event.target.closest("[data-group]");
  if (group && group !== current) choose(group, false);
});

// What was done comes back by the browser's own button: it may be done again.
addEventListener("pageshow", () => { leaving = false; });
addEventListener("beforeunload", (event) => { if (under_way) event.preventDefault(); });

on.checked = !memory.get(KEY);
on.addEventListener("change", () => (on.checked ? memory.drop(KEY) : memory.set(KEY, 1)));
help.hidden = false;
help.addEventListener("click", () => dialog.showModal());

// What was undone is where one goes on; else the first.
const back = /^#case-\d+$/.test(location.hash) && one(`[data-case="${location.hash.slice(6)}"]`);
const begin = (back && back.closest("[data-group]")) || groups()[0];
if (begin) choose(begin, Boolean(back));
