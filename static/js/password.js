// Password fields can be shown, and a new password is judged while it is typed.
// The reckoning is that of members/passwords.py, from the same list; the server has the last word.

const LEAST = 12;
const MOST = 1000;
const ENOUGH = 33;
const PLENTY = 50;
const LONGEST_PIECE = 32;
const LOOKED_AT = 128;
const POINTS = {
  character: 3, ideograph: 6, separator: 1, word: 11, near: 3, own: 3, walk: 4, step: 7, repeat: 3,
  syllable: 6, year: 6, date: 11, phone: 16,
};
const READINGS = [["", ""], ["013457@$!", "oieastasi"], ["013457@$!", "oleastasl"], ["!@#$%^&*()", "1234567890"]];
const Y = "(?:19[4-9]|20[0-4])[0-9]";
const M = "(?:0[1-9]|1[0-2])";
const D = "(?:0[1-9]|[12][0-9]|3[01])";
const SHAPES = [
  ["year", Y],
  ["date", `${Y}[-/.年]?${M}[-/.月]?${D}`],
  ["date", `${Y}[-/.年](?:${M}|[1-9])[-/.月](?:${D}|[1-9])`],
  ["date", `${D}[-/.]?${M}[-/.]?${Y}`],
  ["date", `${M}[-/.]?${D}[-/.]?${Y}`],
  ["date", `[0-9][0-9]${M}${D}`],
  ["phone", "1[3-9][0-9]{9}|208[0-9]{7}"],
  ["syllable", "(?:[zcs]h?|[bpmfdtnlgkhjqxryw])"
    + "(?:iang|iong|uang|ang|eng|ong|ing|ian|iao|uai|uan|ai|ei|ao|ou|an|en|ia|ie|iu|in|ua|uo|ui|un|ue)"],
].map(([kind, pattern]) => [kind, new RegExp(pattern, "y")]);

const fold = (text) => text.normalize("NFKC").toLowerCase();
// One unit for each character, also for those that JavaScript counts twice.
const single = (text) => [...text].map(
  (c) => (c.length > 1 ? String.fromCharCode(0xe000 + (c.codePointAt(0) % 0x1900)) : c)).join("");
const read = (text, [from, to]) => [...text].map((c) => to[from.indexOf(c)] ?? c).join("");
const backwards = (text) => [...text].reverse().join("");

/** The list, cut into its parts. */
export function known(list) {
  const parts = { words: [], near: [], walks: [] };
  let part = parts.words;
  for (const line of list.split("\n")) {
    if (line === "[near]" || line === "[walks]") part = parts[line.slice(1, -1)];
    else if (line && !line.startsWith("#")) part.push(line);
  }
  return {
    words: new Set(parts.words),
    near: new Set(parts.near),
    walks: parts.walks.flatMap((walk) => [walk, backwards(walk)]).join("\n"),
  };
}

/** What somebody who knows the owner would try. */
export function ownWords(texts) {
  const words = new Set();
  for (const text of texts.map(fold)) {
    const parts = text.match(/[\p{L}\p{N}]+/gu) ?? [];
    [text, parts.join(""), text.split("@")[0], ...parts].forEach((word) => words.add(word));
  }
  return new Set([...words].filter((word) => word.length >= (/^[\x00-\x7f]*$/.test(word) ? 3 : 2)));
}

/** How hard a password is to guess: the cheapest way to put it together from known pieces. */
export function points(password, lists, own = new Set()) {
  const text = single(fold(password)).slice(0, LOOKED_AT);
  const readings = READINGS.map((reading) => read(text, reading));
  const best = [0, ...Array(text.length).fill(text.length * POINTS.ideograph)];
  const kinds = [["own", own], ["near", lists.near], ["word", lists.words]];
  for (let start = 0; start < text.length; start += 1) {
    const take = (kind, length) => {
      const cost = kind === "word" ? Math.min(POINTS.word, length * POINTS.character) : POINTS[kind];
      best[start + length] = Math.min(best[start + length], best[start] + cost);
    };
    if (" -_.".includes(text[start])) take("separator", 1);
    else take(text.charCodeAt(start) < 0x2e80 ? "character" : "ideograph", 1);
    for (let length = 2; length <= Math.min(LONGEST_PIECE, text.length - start); length += 1) {
      for (const reading of readings) {
        const piece = reading.slice(start, start + length);
        for (const [kind, words] of kinds) if (words.has(piece)) take(kind, length);
        if (length > 2 && lists.walks.includes(piece)) take(length > 3 ? "walk" : "step", length);
      }
      if (length > 2 && text.slice(0, start).includes(text.slice(start, start + length))) take("repeat", length);
    }
    for (const [kind, pattern] of SHAPES) {
      pattern.lastIndex = start;
      const length = pattern.exec(text)?.[0].length;
      if (length > 2) take(kind, length);
    }
  }
  return best[text.length];
}

/** What the meter says: the name of a sentence, how full it is, and what is left to type. */
export function judge(password, lists, own) {
  const length = [...password.normalize("NFC")].length;
  if (length > MOST) return { words: "long", level: 1 };
  if (length < LEAST) return { words: "short", level: 1, left: LEAST - length };
  const reached = points(password, lists, own);
  if (reached < ENOUGH) return { words: "weak", level: 1 };
  return reached < PLENTY ? { words: "fair", level: 2 } : { words: "good", level: 3 };
}

/** A button beside a field that shows what is typed there. */
function addSwitch(input, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link show-password";
  button.setAttribute("aria-controls", input.id);
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
  };
  input.autocapitalize = "none";
  input.spellcheck = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers offer to keep what is sent as a password only.
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  input.after(button);
  return button;
}

/** The meter under a new password. */
async function addMeter(input, place, words) {
  const answer = await fetch(words.list).catch(() => null);
  if (!answer?.ok) return;
  const lists = known(await answer.text());
  const bar = document.createElement("span");
  bar.className = "bar";
  bar.setAttribute("aria-hidden", "true"); // the line beside it says the same
  const line = document.createElement("span");
  line.setAttribute("aria-live", "polite");
  const box = document.createElement("div");
  box.className = "password-meter";
  box.append(bar, line);
  place.after(box);
  const look = () => {
    const others = ["email", "display_name"].map((name) => input.form?.elements[name]?.value ?? "");
    const { words: said, level, left } = judge(input.value, lists, ownWords([...words.own.split("\n"), ...others]));
    box.hidden = !input.value;
    box.dataset.level = level;
    const text = input.value ? words[said].replace("{number}", left) : "";
    if (line.textContent !== text) line.textContent = text;
  };
  input.form?.addEventListener("input", look);
  look();
}

if (globalThis.document) {
  const words = document.querySelector("#password-words")?.dataset;
  for (const input of words ? document.querySelectorAll("input[type=password]") : []) {
    const button = addSwitch(input, words);
    if (input.name === "password1") addMeter(input, button, words);
  }
}
