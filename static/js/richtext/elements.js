// Elements and words, for every part of the editor (static/js/richtext.js).

/** An element with attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** An icon of one path, drawn in a square of 24. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path")
  stroke.setAttribute("d", path)
  svg.append(stroke)
  return svg
}

/** A label with {name} or {count} filled in. */
export const say = (label, values) => label.replace(/{(\w+)}/g, (_, name) => values[name])

/** A label with a number: one of a pair by the rules of the page's language. */
export function sayCount(pair, count) {
  const language = document.documentElement.lang || "en"
  const form = new Intl.PluralRules(language).select(count)
  return say(pair[form] ?? pair.other, { count: new Intl.NumberFormat(language).format(count) })
}
