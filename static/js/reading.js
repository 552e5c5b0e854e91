// Comfort for readers of an article: its pictures over the page, and the place where one stopped.
// Without this file a picture is a link to itself, and the page begins at its beginning.

import { memory } from "./browser.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

/** Pictures in full, with their words; arrows turn, Escape closes, and the focus goes back. */
function viewer(dialog, links) {
  const [figure, about, place] = [one("figure", dialog), one(".about", dialog), one(".place", dialog)];
  let at = 0;

  const show = (index) => {
    at = (index + links.length) % links.length;
    const shown = one("img", links[at]);
    const caption = links[at].closest("figure")?.querySelector("figcaption")?.textContent.trim();
    // Its words stand beside it.
    const image = Object.assign(new Image(), { src: links[at].href, alt: "" });
    image.width = shown.getAttribute("width");
    image.height = shown.getAttribute("height");
    figure.replaceChildren(image);
    about.textContent = [...new Set([shown.alt, caption])].filter(Boolean).join(" · ");
    place.textContent = `${at + 1} / ${links.length}`;
  };
  const buttons = all("[data-by]", dialog);
  for (const part of [place, ...buttons]) part.hidden = links.length < 2;
  for (const button of buttons) {
    button.addEventListener("click", () => show(at + Number(button.dataset.by)));
  }
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && links.length > 1) show(at + by);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  links.forEach((link, index) => link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(index);
    dialog.showModal();
  }));
}

const KEY = "reading";
const DAYS = 14;
const KEPT = 30; // articles

/** Offers the way to the paragraph at which somebody left a long article some days ago. */
function goOn(offer, article) {
  const name = article.dataset.hit;
  const parts = [...one(".prose", article).children];
  const places = () => memory.get(KEY) ?? {};
  const oldest = Date.now() - DAYS * 86_400_000;

  const keep = () => {
    if (offer.firstChild) return; // not answered: the old place stands
    const left = parts.findIndex((part) => part.getBoundingClientRect().bottom > 0);
    const rest = Object.entries(places()).filter(([key, [, when]]) => key !== name && when > oldest);
    // Whoever has not begun, or has come to the end, needs no way back.
    const isOver = left < 0 || parts.at(-1).getBoundingClientRect().top < innerHeight;
    if (left > 0 && !isOver) rest.push([name, [left, Date.now()]]);
    memory.set(KEY, Object.fromEntries(rest.slice(-KEPT)));
  };

  const [index, when] = places()[name] ?? [];
  const part = parts[index];
  const [visit] = performance.getEntriesByType("navigation");
  // Going back, and to a certain place, is the browser's own business.
  if (part && when > oldest && !location.hash && visit?.type === "navigate") {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button quiet", textContent: offer.dataset.words });
    button.addEventListener("click", () => {
      offer.replaceChildren();
      part.tabIndex = -1;
      part.focus({ preventScroll: true });
      part.scrollIntoView({ block: "start" });
    });
    offer.append(button);
    // Who reads on by themselves has answered.
    const leave = () => {
      if (scrollY < innerHeight) return;
      offer.replaceChildren();
      removeEventListener("scroll", leave);
    };
    addEventListener("scroll", leave, { passive: true });
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
  addEventListener("pagehide", keep);
}

const links = all(".article a.full");
if (links.length) viewer(one("#viewer"), links);
const [offer, article] = [one(".go-on"), one("article[data-hit]")];
if (offer && article && one(".prose", article).offsetHeight > 2.5 * innerHeight) goOn(offer, article);
