// Suggestions while somebody types what to look for: a combobox after the WAI-ARIA Authoring
// Practices, whose list is moved through by the arrows while the cursor stays in the field. Without
// this file one types the words and presses Enter.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

const PAUSE = 120; // milliseconds after a key

/** Offers pages under a search box. */
function suggestions(box, number) {
  const list = document.createElement("ul");
  Object.assign(list, { id: `suggestions-${number}`, className: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.suggested);
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  box.after(list, said);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);
  box.autocomplete = "off";

  let timer = 0;
  let asking = null;
  let chosen = -1; // none: Enter searches for the words as they are

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    list.replaceChildren();
    said.textContent = "";
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    const options = [...list.children];
    chosen = index < -1 ? options.length - 1 : index === options.length ? -1 : index;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };
  const show = (found) => {
    const options = found.map(({ title, kind, url, language }, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.dataset.url = url;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const [name, what] = [document.createElement("bdi"), document.createElement("span")];
      name.textContent = title;
      if (language) name.lang = language === "zh-hans" ? "zh-Hans" : language;
      what.textContent = kind;
      what.className = "kind";
      option.append(name, " ", what);
      return option;
    });
    list.replaceChildren(...options);
    list.hidden = false;
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-expanded", "true");
    said.textContent = `${box.dataset.suggested}: ${found.length}`;
  };
  const ask = async (query) => {
    asking = new AbortController();
    try {
      const url = `${box.dataset.suggest}?q=${encodeURIComponent(query)}`;
      const answer = await fetch(url, { signal: asking.signal });
      if (!answer.ok) return close();
      const found = (await answer.json()).suggestions;
      if (query !== box.value.trim() || document.activeElement !== box) return;
      if (found.length) show(found);
      else close();
    } catch (error) {
      if (error.name !== "AbortError") close(); // no line: one types on
    }
  };

  box.addEventListener("input", (event) => {
    clearTimeout(timer);
    asking?.abort();
    const query = event.isComposing ? "" : box.value.trim();
    if (!query) return close();
    timer = setTimeout(ask, PAUSE, query);
  });
  box.addEventListener("compositionend", () => box.dispatchEvent(new Event("input", { bubbles: true })));
  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) choose(chosen + moves[event.key]);
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.url);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // The field keeps the focus while one chooses with mouse or finger.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  box.addEventListener("blur", close);
}

/** Who works by voice, or types without looking, may take the key “/” back (WCAG 2.1.4). */
function keySwitch(place) {
  const box = one("input", place);
  box.checked = localStorage.getItem("search-key") !== "off";
  box.addEventListener("change", () => localStorage.setItem("search-key", box.checked ? "on" : "off"));
  place.hidden = false;
}

all("input[data-suggest]").forEach(suggestions);
all("[data-search-key]").forEach(keySwitch);
