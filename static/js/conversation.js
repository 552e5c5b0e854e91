// Comfort for members in a conversation: replies in place, quotations, likes without a reload.
// All of it works without this file.

import { memory } from "./browser.js";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const LONGEST_QUOTE = 600; // characters, as on the server

/** What is selected in the text of a comment; nothing if it reaches further. */
function selectedIn(comment) {
  const selection = getSelection();
  const text = one(".comment-body", comment);
  if (!text || selection.isCollapsed || !selection.rangeCount) return "";
  return text.contains(selection.getRangeAt(0).commonAncestorContainer) ? selection.toString() : "";
}

/** What the author says, without what they quote and whom they answer. */
function ownWords(comment) {
  const own = all(".comment-body > p:not(.reply-to)", comment).map((part) => part.innerText);
  return own.join("\n\n") || one(".comment-body", comment).innerText;
}

/** Lines marked as quoted, of a passage that is not too long. */
function marked(text) {
  const letters = [...text.trim()];
  const words = letters.length > LONGEST_QUOTE
    ? `${letters.slice(0, LONGEST_QUOTE).join("")}…` : letters.join("");
  return words.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
}

/** Replies open under the comment that they answer; drafts outlive a reload. */
function conversation(form) {
  const parent = one("input[name=parent]", form);
  const body = one("textarea[name=body]", form);
  const opened = one("input[name=opened]", form);
  const line = one(".replying", form);
  const words = one("[data-replying]", form);
  if (!parent || !body || !line || !words) return;
  const key = `draft:${form.dataset.draft}`;
  const home = document.createComment("");
  form.before(home);

  const keep = () => {
    if (body.value.trim()) memory.set(key, { body: body.value, parent: parent.value });
    else memory.drop(key);
  };
  const answer = (link) => {
    parent.value = link.dataset.reply;
    words.textContent = words.dataset.replying.replace("{name}", link.dataset.name);
    line.hidden = false;
    link.closest(".comment").after(form);
  };
  const alone = () => {
    parent.value = "";
    line.hidden = true;
    home.after(form);
  };

  /** Writes a quotation where the cursor stands, on lines of its own, with room to answer. */
  const write = (quoted) => {
    const [start, end] = [body.selectionStart, body.selectionEnd];
    const before = body.value.slice(0, start).trimEnd();
    const text = `${before ? `${before}\n\n` : ""}${quoted}\n\n`;
    body.value = text + body.value.slice(end).trimStart();
    body.setSelectionRange(text.length, text.length);
    if (opened) opened.value = "";
  };

  // A click on the link may take the selection away: it is kept from the moment before.
  let passage = "";
  document.addEventListener("pointerdown", (event) => {
    const link = event.target.closest("a[data-quote]");
    if (link) passage = selectedIn(link.closest(".comment"));
  });
  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a.reply[data-reply], a[data-quote], [data-cancel-reply]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.quote) {
      const comment = link.closest(".comment");
      const quoted = marked(passage || selectedIn(comment) || ownWords(comment));
      passage = "";
      // What is begun stays where it is, and quotes from there.
      if (!body.value.trim()) answer(one("a.reply[data-reply]", comment));
      write(quoted);
    } else if (link.dataset.reply) answer(link);
    else alone();
    keep();
    body.focus();
    form.scrollIntoView({ block: "nearest" });
  });

  // A text is sent when it stands in its own place: then, and only then, the draft may go.
  const draft = memory.get(key);
  const arrived = /^#comment-\d+$/.test(location.hash) && one(`${location.hash} .own`);
  if (draft?.sent && arrived && !body.value) memory.drop(key);
  else if (draft?.body && !body.value) {
    body.value = draft.body;
    // It was written before: how fast, nobody can tell.
    if (opened) opened.value = "";
    const link = draft.parent && one(`a.reply[data-reply="${CSS.escape(draft.parent)}"]`);
    if (link && !parent.value) answer(link);
  }
  body.addEventListener("input", keep);
  form.addEventListener("submit", () => {
    if (body.value.trim()) memory.set(key, { body: body.value, parent: parent.value, sent: true });
  });
}

/** Says beside a button what became of it. */
function say(form, words) {
  let line = form.nextElementSibling;
  if (!line?.matches(".said")) {
    if (!words) return;
    line = document.createElement("span");
    line.className = "said";
    line.setAttribute("role", "status");
    form.after(line);
  }
  line.textContent = "";
  // A moment later: a place that is new is not listened to yet, and the same words twice are heard once.
  if (words) setTimeout(() => { line.textContent = words; }, 50);
}

/** A like shows at once; if the server says no, it goes back to what it was. */
async function like(form) {
  const button = one("button", form);
  const count = one(".like-count", form);
  const show = (liked, number) => {
    button.setAttribute("aria-pressed", String(liked));
    button.value = liked ? "0" : "1";
    count.value = number;
    count.textContent = number || "";
  };
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const was = [button.value === "0", Number(count.value)];
  const data = new FormData(form);
  data.set("on", button.value);
  show(!was[0], was[1] + (was[0] ? -1 : 1));
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(form.action, { method: "POST", body: data, headers });
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
      // Logged out, or too many for one day: the server's own page says it.
      show(...was);
      const wish = document.createElement("input");
      Object.assign(wish, { type: "hidden", name: "on", value: data.get("on") });
      form.append(wish);
      form.submit();
      wish.remove();
      return;
    }
    const now = await answer.json();
    show(now.liked, now.count);
    say(form, "");
  } catch {
    show(...was); // no line
    say(form, form.closest("[data-like-failed]").dataset.likeFailed);
  } finally {
    delete form.dataset.busy;
  }
}

/** Comments may come later than the page: the document listens, before those who count sent forms. */
function likes() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.like")) return;
    event.preventDefault();
    like(event.target);
  }, { capture: true });
}

all("form#comment-form[data-draft]").forEach(conversation);
likes();
