// Suggestions while somebody types what to look for. Without this file one types the words and
// presses Enter.

import { suggesting } from "./suggesting.js";

/** Offers pages under a search box; as long as none is chosen, Enter looks for the words. */
function suggestions(box, number) {
  box.setAttribute("role", "combobox");
  suggesting(box, {
    list: { id: `suggestions-${number}`, className: "suggestions" },
    label: box.dataset.suggested,
    pause: 120,
    wanted: () => box.value.trim(),
    address: (query) => `${box.dataset.suggest}?q=${encodeURIComponent(query)}`,
    found: async (answer) => (answer.ok ? (await answer.json()).suggestions : null),
    option({ title, kind, url, language }) {
      const [name, what] = [document.createElement("bdi"), document.createElement("span")];
      name.textContent = title;
      if (language) name.lang = language === "zh-hans" ? "zh-Hans" : language;
      what.textContent = kind;
      what.className = "kind";
      return { nodes: [name, " ", what], data: { url } };
    },
    take: ({ url }) => location.assign(url),
  });
}

document.querySelectorAll("input[data-suggest]").forEach(suggestions);
