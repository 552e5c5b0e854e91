// A member's own post: only the chosen language is in sight, and nothing that was typed is lost.
// The page works without this module.

import { memory } from "./browser.js";

const one = (selector, root = document) => root.querySelector(selector)
const all = (selector, root = document) => [...root.querySelectorAll(selector)]

const keyOf = (name) => `post:${name}`
// An empty editor still holds an empty paragraph.
const isEmpty = (html) => !/<img/i.test(html) && !html.replace(/<[^>]*>|&nbsp;/g, "").trim()

/** Shows the language that is written in. A part with something in it is never hidden. */
function languages(form) {
  const show = () => {
    const meant = one("[name=meant_for]:checked", form)?.value
    for (const part of all("fieldset.language", form)) {
      const chosen = !meant || meant === "both" || meant === part.dataset.language
      part.hidden = !chosen && all("input, textarea", part).every((field) => isEmpty(field.value))
      part.removeAttribute("data-empty") // from here on the style sheet leaves it to us
    }
  }
  for (const choice of all("[name=meant_for]", form)) choice.addEventListener("change", show)
  show()
  return show
}

/** Keeps what is typed, in this browser and, of a post that is there, on the server. */
function keeping(form, show) {
  const key = keyOf(form.dataset.key)
  const line = one("[data-kept-line]", form)
  const texts = all("[name^=title_], [name^=summary_], [name^=body_], [name=source], [name=source_url]", form)
  const meant = () => one("[name=meant_for]:checked", form)?.value || ""
  const values = () => ({
    meant_for: meant(),
    ...Object.fromEntries(texts.map((field) => [field.name, isEmpty(field.value) ? "" : field.value])),
  })
  const asText = (state) => JSON.stringify(Object.entries(state).sort())
  let last = asText(values())
  let sent = last
  let timer = 0
  let busy = false

  const keepHere = () => {
    const now = asText(values())
    if (now === last) return
    last = now
    if (memory.set(key, values())) line.textContent = form.dataset.keptHere
  }
  const keepThere = async () => {
    const now = asText(values())
    if (!form.dataset.keep || busy || now === sent) return
    busy = true
    const data = new FormData(form)
    data.delete("new_cover")
    try {
      const response = await fetch(form.dataset.keep, { method: "POST", body: data, redirect: "error" })
      if (response.ok) {
        sent = now
        line.textContent = form.dataset.kept
      }
    } catch { /* no network, or no session: this browser has it */ }
    busy = false
  }
  form.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(() => { keepHere(); keepThere() }, 1500)
  })
  document.addEventListener("visibilitychange", () => document.hidden && keepHere())
  addEventListener("pagehide", keepHere)
  form.addEventListener("submit", () => { keepHere(); clearTimeout(timer); busy = true })

  const offered = one("[data-offered]")
  const kept = memory.get(key)
  const differs = kept && texts.some(({ name }) => kept[name]) && asText({ ...values(), ...kept }) !== last
  if (!differs) return
  offered.hidden = false
  one("[data-bring-back]", offered).addEventListener("click", () => {
    for (const field of texts) {
      field.value = kept[field.name] ?? field.value
      // The editor takes its text from its source when that says "change".
      field.dispatchEvent(new Event("change", { bubbles: true }))
    }
    const choice = all("[name=meant_for]", form).find(({ value }) => value === kept.meant_for)
    if (choice) choice.checked = true
    show()
    offered.hidden = true
    texts[0].dispatchEvent(new Event("input", { bubbles: true }))
  })
  one("[data-throw-away]", offered).addEventListener("click", () => {
    memory.drop(key)
    offered.hidden = true
  })
}

// The page after one that was saved: the server has it now.
const address = new URL(location)
if (address.searchParams.has("saved")) {
  memory.drop(keyOf(address.searchParams.get("saved")))
  address.searchParams.delete("saved")
  history.replaceState(history.state, "", address)
}
const form = one("form#post-form")
if (form) keeping(form, languages(form))
