// “@” and the beginning of a name offers members to choose from. Without this file one types the
// whole handle.

import { suggesting } from "./suggesting.js";

// As on the server: no e-mail address, and no word before it but in Chinese.
const BEGUN = /(?:^|[^A-Za-z0-9._%+@＠/-])[@＠]([^\s@＠]{1,30})$/u;

/** Offers members under the field in which somebody writes. */
function completion(form) {
  const body = form.querySelector("textarea[name=body]");
  if (!body) return;
  let nobody = ""; // a beginning for which there is nobody: no longer one has anybody either
  let over = false;

  const begun = () => {
    if (body.selectionStart !== body.selectionEnd) return "";
    return BEGUN.exec(body.value.slice(0, body.selectionStart))?.[1] ?? "";
  };
  body.setAttribute("aria-haspopup", "listbox");
  suggesting(body, {
    list: { id: "mentionable", className: "mentionable" },
    label: form.dataset.offered,
    none: form.dataset.none,
    pause: 150,
    isEager: true,
    wanted() {
      const query = begun();
      return over || (nobody && query.startsWith(nobody)) ? "" : query;
    },
    address: (query) => `${form.dataset.mentionable}?q=${encodeURIComponent(query)}`,
    async found(answer, query) {
      if (answer.redirected || [403, 404].includes(answer.status)) over = true;
      if (over || !answer.ok) return null;
      const { people } = await answer.json();
      if (!people.length) nobody = query;
      return people;
    },
    option({ handle, name }) {
      const [shown, at] = [document.createElement("bdi"), document.createElement("span")];
      shown.textContent = name;
      at.textContent = `@${handle}`;
      at.className = "handle";
      return { nodes: [shown, " ", at], data: { handle } };
    },
    take({ handle }) {
      const [query, end] = [begun(), body.selectionStart];
      if (!query) return;
      body.setRangeText(`${handle} `, end - query.length, end, "end");
      body.dispatchEvent(new Event("input", { bubbles: true }));
      body.focus();
    },
  });
}

const form = document.querySelector("form#comment-form[data-mentionable]");
if (form) completion(form);
