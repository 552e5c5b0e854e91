// A list under a field, offered while somebody types and moved through by the arrows while the cursor
// stays in the field, after the WAI-ARIA Authoring Practices.

/**
 * Offers under `field` what fits to what was typed in it.
 *
 * - list: attributes of the list (`id`, `className`); label: its name for those who hear it
 * - pause: milliseconds after a key
 * - wanted(): what to look for now; empty for nothing
 * - address(query): whom to ask; found(answer, query): what to offer, null where nothing came back
 * - option(item): its nodes and the data it carries; take(data): what choosing it does
 * - isEager: whether the first one is chosen at once, and Tab takes it like Enter
 * - none: what is said where nothing was found
 */
export function suggesting(field, { list: attributes, label, pause, wanted, address, found, option, take, isEager, none = "" }) {
  const list = document.createElement("ul");
  Object.assign(list, attributes, { hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  field.after(list, said);
  field.setAttribute("aria-autocomplete", "list");
  field.autocomplete = "off";
  const isCombobox = field.getAttribute("role") === "combobox";

  let timer = 0;
  let asking = null;
  let chosen = -1;

  const expanded = (is) => {
    list.hidden = !is;
    if (isCombobox) field.setAttribute("aria-expanded", String(is));
    if (is) field.setAttribute("aria-controls", list.id);
    else field.removeAttribute("aria-controls");
  };
  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.replaceChildren();
    said.textContent = "";
    choose(-1);
    expanded(false);
  };
  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((each, at) => each.setAttribute("aria-selected", String(at === index)));
    const one = list.children[index];
    if (!one) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", one.id);
    one.scrollIntoView({ block: "nearest" });
  };
  /** Round and round; where nothing has to be chosen, by way of the field itself. */
  const move = (by) => {
    const rest = isEager ? 0 : -1;
    const places = list.children.length - rest;
    choose(((chosen + by - rest + places) % places) + rest);
  };
  const taken = (each) => {
    const { dataset } = each;
    close();
    take(dataset);
  };
  const show = (items) => {
    const options = items.map((item, index) => {
      const each = document.createElement("li");
      each.id = `${list.id}-${index}`;
      each.setAttribute("role", "option");
      const { nodes, data } = option(item);
      each.append(...nodes);
      Object.assign(each.dataset, data);
      return each;
    });
    list.replaceChildren(...options);
    expanded(true);
    said.textContent = `${label}: ${items.length}`;
    choose(isEager ? 0 : -1);
    if (isEager) list.scrollIntoView({ block: "nearest" });
  };
  const ask = async (query) => {
    asking = new AbortController();
    try {
      const answer = await fetch(address(query), { signal: asking.signal });
      const items = await found(answer, query);
      if (!items?.length) {
        close();
        if (items) said.textContent = none;
      } else if (query === wanted() && document.activeElement === field) show(items);
    } catch (error) {
      if (error.name !== "AbortError") close(); // no line: one types on
    }
  };

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    asking?.abort();
    const query = event.isComposing ? "" : wanted();
    if (!query) return close();
    timer = setTimeout(ask, pause, query);
  });
  field.addEventListener("compositionend", () => field.dispatchEvent(new Event("input", { bubbles: true })));
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const takes = (event.key === "Enter" || (isEager && event.key === "Tab")) && !(isEager && event.shiftKey);
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (takes && list.children[chosen]) taken(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // The field keeps the focus while one chooses with mouse or finger.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const each = event.target.closest("[role=option]");
    if (each) taken(each);
  });
  field.addEventListener("blur", close);
  expanded(false);
}
