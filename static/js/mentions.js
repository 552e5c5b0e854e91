// “@” and the beginning of a name offers members to choose from. Without this file one types the
// whole handle.

const one = (selector, root = document) => root.querySelector(selector);

// As on the server: no e-mail address, and no word before it but in Chinese.
const BEGUN = /(?:^|[^A-Za-z0-9._%+@＠/-])[@＠]([^\s@＠]{1,30})$/u;
const PAUSE = 150; // milliseconds after a key

/** Offers members under the field in which somebody writes. */
function completion(form) {
  const body = one("textarea[name=body]", form);
  if (!body) return;
  const list = document.createElement("ul");
  Object.assign(list, { id: "mentionable", className: "mentionable", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.offered);
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  body.after(list, said);
  body.setAttribute("aria-autocomplete", "list");
  body.setAttribute("aria-haspopup", "listbox");
  body.autocomplete = "off";

  let timer = 0;
  let asking = null;
  let chosen = -1;
  let nobody = ""; // a beginning for which there is nobody: no longer one has anybody either
  let over = false;

  const begun = () => {
    if (body.selectionStart !== body.selectionEnd) return null;
    return BEGUN.exec(body.value.slice(0, body.selectionStart))?.[1] ?? null;
  };
  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    list.replaceChildren();
    said.textContent = "";
    chosen = -1;
    body.removeAttribute("aria-activedescendant");
    body.removeAttribute("aria-controls");
  };
  const choose = (index) => {
    const options = [...list.children];
    chosen = (index + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    body.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };
  const take = (option) => {
    const query = begun();
    if (query === null) return close();
    const end = body.selectionStart;
    body.setRangeText(`${option.dataset.handle} `, end - query.length, end, "end");
    close();
    body.dispatchEvent(new Event("input", { bubbles: true }));
    body.focus();
  };
  const show = (people) => {
    const options = people.map(({ handle, name }, index) => {
      const option = document.createElement("li");
      option.id = `mentionable-${index}`;
      option.dataset.handle = handle;
      option.setAttribute("role", "option");
      const [shown, at] = [document.createElement("bdi"), document.createElement("span")];
      shown.textContent = name;
      at.textContent = `@${handle}`;
      at.className = "handle";
      option.append(shown, " ", at);
      return option;
    });
    list.replaceChildren(...options);
    list.hidden = false;
    body.setAttribute("aria-controls", list.id);
    said.textContent = `${form.dataset.offered}: ${people.length}`;
    choose(0);
    list.scrollIntoView({ block: "nearest" });
  };
  const ask = async (query) => {
    asking = new AbortController();
    const { signal } = asking;
    try {
      const url = `${form.dataset.mentionable}?q=${encodeURIComponent(query)}`;
      const answer = await fetch(url, { signal });
      if (answer.redirected || [403, 404].includes(answer.status)) over = true;
      if (over || !answer.ok) return close();
      const { people } = await answer.json();
      if (query !== begun()) return;
      if (people.length) return show(people);
      nobody = query;
      close();
      said.textContent = form.dataset.none;
    } catch (error) {
      if (error.name !== "AbortError") close(); // no line: one types on
    }
  };

  body.addEventListener("input", (event) => {
    clearTimeout(timer);
    asking?.abort();
    const query = over || event.isComposing ? null : begun();
    if (query === null || (nobody && query.startsWith(nobody))) return close();
    timer = setTimeout(ask, PAUSE, query);
  });
  body.addEventListener("compositionend", () => body.dispatchEvent(new Event("input", { bubbles: true })));
  body.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) choose(chosen + moves[event.key]);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) take(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // The field keeps the focus while one chooses with mouse or finger.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  body.addEventListener("blur", close);
}

const form = one("form#comment-form[data-mentionable]");
if (form) completion(form);
