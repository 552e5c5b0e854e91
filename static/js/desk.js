// The page on which an article is written: languages side by side, the cover, and autosave.
//
// What is typed goes to the server as a working copy every few seconds. Until the server has it, it
// lies in this browser, so that neither a crash nor a dead network nor an expired session takes it
// away. The page works without all this; see news/desk/article_page.py for what it is told.

const PAUSE = 3_000 // milliseconds after the last change
const LONGEST = 10_000 // …while somebody goes on typing
const RETRY = 10_000
const WATCH = 60_000 // who else writes, when nothing is typed
const WIDE = matchMedia("(min-width: 70rem)")

const marker = document.querySelector("[data-desk]")
if (marker) start(marker.closest("form"), JSON.parse(marker.dataset.desk))

/** A label with {name} or {count} filled in. */
function say(label, values) {
  return label.replace(/{(\w+)}/g, (_, name) => values[name])
}

function start(form, page) {
  form.dataset.ready = ""
  languages(form)
  counts(form, page.labels)
  cover(form)
  publishing(form, page.labels)
  autosave(form, page)
  window.django?.jQuery?.(() => nameSearches(form)) // after the admin's own scripts, which began before
  const mistakes = form.querySelector(".mistakes")
  if (mistakes) mistakes.focus()
  else if (!page.article && !page.sent) form.querySelector(".language-panel:not([hidden]) input[type=text]")?.focus()
}

/** The field in which select2 searches has no name of its own: it gets that of what it fills. */
function nameSearches(form) {
  for (const field of form.querySelectorAll(".select2-search__field")) {
    const select = field.closest(".related-widget-wrapper, .form-row")?.querySelector("select")
    const label = select?.labels[0]?.textContent.trim()
    if (label) field.setAttribute("aria-label", label)
  }
}

// --- Two languages

/** Panels for the languages that the article is meant for: side by side, or one at a time. */
function languages(form) {
  const tabs = form.querySelector(".language-tabs")
  const panels = [...form.querySelectorAll(".language-panel")]
  if (!tabs || !panels.length) return
  const buttons = [...tabs.querySelectorAll("button")]
  const wrong = panels.find((panel) => "wrong" in panel.dataset)
  const spoken = panels.find((panel) => panel.dataset.language === document.documentElement.lang.toLowerCase())
  let current = (wrong || spoken || panels[0]).dataset.language

  function arrange() {
    const meant = form.querySelector("[name=meant_for]:checked")?.value || "both"
    const shown = panels.filter((panel) => meant === "both" || panel.dataset.language === meant)
    if (!shown.some((panel) => panel.dataset.language === current)) current = shown[0].dataset.language
    const tabbed = shown.length > 1 && !WIDE.matches
    tabs.hidden = !tabbed
    for (const panel of panels) {
      const code = panel.dataset.language
      // A panel with a mistake in it is never out of reach.
      panel.hidden = tabbed ? code !== current : !shown.includes(panel) && !("wrong" in panel.dataset)
      if (tabbed) panel.setAttribute("role", "tabpanel")
      else panel.removeAttribute("role")
      panel.setAttribute("aria-labelledby", tabbed ? `tab-${code}` : `panel-${code}-heading`)
    }
    for (const button of buttons) {
      const selected = button.dataset.language === current
      button.setAttribute("aria-selected", String(selected))
      button.tabIndex = selected ? 0 : -1
    }
    form.querySelector(".language-panels").classList.toggle("tabbed", tabbed)
    form.classList.toggle("in-one-language", shown.length === 1)
    for (const row of form.querySelectorAll(".field-cover_alt_zh_hans, .field-cover_alt_en")) {
      const code = row.matches(".field-cover_alt_en") ? "en" : "zh-hans"
      row.hidden = meant !== "both" && meant !== code && !row.matches(".errors")
    }
  }

  tabs.addEventListener("click", (event) => {
    const button = event.target.closest("button")
    if (!button) return
    current = button.dataset.language
    arrange()
  })
  tabs.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(document.activeElement)
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (next === undefined || here < 0) return
    event.preventDefault()
    const target = buttons.at(next % buttons.length)
    current = target.dataset.language
    arrange()
    target.focus()
  })
  // A link to a field behind the other tab opens that.
  form.addEventListener("click", (event) => {
    const target = form.querySelector(event.target.closest(".mistakes a")?.getAttribute("href") || "#none")
    const panel = target?.closest(".language-panel")
    if (!target) return
    event.preventDefault()
    if (panel) current = panel.dataset.language
    arrange()
    const shown = target.closest(".richtext")?.querySelector("[contenteditable]") || target
    shown.scrollIntoView({ block: "center" })
    shown.focus()
  })
  for (const radio of form.querySelectorAll("[name=meant_for]")) radio.addEventListener("change", arrange)
  WIDE.addEventListener("change", arrange)
  arrange()
}

/** How long titles and summaries are, of how much. */
function counts(form, labels) {
  for (const field of form.querySelectorAll("[name^=title_], [name^=summary_]")) {
    const limit = field.maxLength
    if (limit < 0) continue
    const count = document.createElement("span")
    count.className = "count"
    count.id = `${field.id}_count`
    const update = () => {
      // As the server counts: by characters, of which some are two for the browser.
      const length = [...field.value].length
      count.textContent = say(labels.left, { count: length, limit })
      count.classList.toggle("near", length > limit * 0.9)
    }
    field.after(count)
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), count.id].filter(Boolean).join(" "))
    field.addEventListener("input", update)
    field.addEventListener("change", update)
    update()
  }
}

// --- The cover

function cover(form) {
  const box = form.querySelector("[data-cover]")
  if (!box) return
  const number = form.elements.cover
  const described = form.elements.cover_described
  const figure = box.querySelector("figure")
  const image = figure.querySelector("img")
  const remove = box.querySelector("[data-act=remove]")
  const area = form.querySelector("textarea[data-richtext]")
  const settings = area ? JSON.parse(area.dataset.richtext) : {}

  function show(picture) {
    number.value = picture ? picture.pk : ""
    described.value = number.value
    figure.hidden = remove.hidden = !picture
    if (picture) image.src = picture.thumbnail
    for (const name of ["alt_zh_hans", "alt_en", "credit"]) form.elements[`cover_${name}`].value = picture?.[name] || ""
    number.dispatchEvent(new Event("input", { bubbles: true }))
  }

  const choose = box.querySelector("[data-act=choose]")
  if (settings.library && settings.modules?.library) {
    box.querySelector(".cover-number").hidden = true
    choose.addEventListener("click", async () => {
      const { choosePicture } = await import(settings.modules.library)
      const picture = await choosePicture(settings)
      if (picture) show(picture)
      choose.focus()
    })
  } else choose.hidden = true
  remove.addEventListener("click", () => {
    show(null)
    form.elements.new_cover.value = ""
    choose.focus()
  })
  form.elements.new_cover.addEventListener("change", () => {
    const [file] = form.elements.new_cover.files
    if (!file) return
    figure.hidden = remove.hidden = false
    image.src = URL.createObjectURL(file)
    described.value = ""
  })
  box.querySelector(".cover-acts").hidden = false
}

// --- The button that publishes says what it will do

function publishing(form, labels) {
  const button = form.querySelector("[name=_publish]")
  const [date, time] = [form.elements.publish_at_0, form.elements.publish_at_1]
  if (!button || !date) return
  const publish = button.value
  const update = () => {
    // By the browser's own clock and zone, which is near enough for a word.
    const [year, month, day] = date.value.split(/\D+/)
    const at = new Date(year, month - 1, day, ...time.value.split(":"))
    button.value = at > new Date() ? labels.schedule : publish
  }
  for (const field of [date, time]) {
    for (const kind of ["input", "change", "focus", "blur"]) field.addEventListener(kind, update)
  }
  update()
}

// --- Autosave

function autosave(form, page) {
  const { labels } = page
  const line = form.querySelector("[data-saved]")
  const status = form.querySelector("[data-said]")
  const warning = document.querySelector("[data-writing]")
  const offers = document.querySelector("[data-offers]")
  if (!line) return
  const ahead = Date.parse(page.now) - Date.now() // how far the server's clock is before ours
  const clock = () => Date.now() + ahead
  const draft = form.elements.draft
  const shelf = `desk:${page.member}:${page.article || "new"}:`
  let dirty = false // the server lacks something
  let kept = true // this browser has what the server lacks
  let savedAt = null
  let timer = null
  let firstChange = null
  let request = null
  let leaving = false
  let version = page.version
  let state = ""

  // What the form says, but for files and what only proves who sends it.
  function content() {
    const entries = [...new FormData(form)].filter(
      ([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "writer", "draft", "base", "copy"].includes(name),
    )
    return new URLSearchParams(entries).toString()
  }
  let before = content()

  // --- In this browser

  const stored = {
    put() {
      const value = { at: clock(), base: form.elements.base.value, copy: form.elements.copy.value, content: content() }
      try {
        localStorage.setItem(shelf + draft.value, JSON.stringify(value))
        return true
      } catch {
        return false // switched off, or full
      }
    },
    remove(token = draft.value) {
      try {
        localStorage.removeItem(shelf + token)
      } catch { /* there was none */ }
    },
    all() {
      const found = []
      try {
        for (const key of Object.keys(localStorage)) {
          if (!key.startsWith(shelf)) continue
          found.push({ token: key.slice(shelf.length), ...JSON.parse(localStorage.getItem(key)) })
        }
      } catch { /* nothing that we could read */ }
      return found
    },
  }

  /** Forms that were saved tell so by a cookie: what was kept of them is in the article. */
  function forgetSaved() {
    for (const [, token] of document.cookie.matchAll(/(?:^|; )saved-([0-9a-z]+)=1/g)) {
      try {
        for (const key of Object.keys(localStorage)) {
          if (key.startsWith(`desk:${page.member}:`) && key.endsWith(`:${token}`)) localStorage.removeItem(key)
        }
      } catch { /* nothing is kept here */ }
      document.cookie = `saved-${token}=; max-age=0; path=${page.admin}`
    }
  }

  // --- Telling

  /** Shows how it stands; is heard only when that changes. */
  function tell(next) {
    const text = labels[next]
    const ours = { saved: ago, saving: () => labels.saving, nothing: () => "" }[next] // calm ones
    line.textContent = ours ? ours() : text
    line.classList.toggle("wrong", !ours)
    if (next === "loggedOut") {
      const link = document.createElement("a")
      link.href = page.login
      link.target = "_blank"
      link.textContent = labels.logIn
      line.append(" ", link)
    }
    if (next === "saving" || next === state) return
    status.textContent = text || ""
    state = next
  }

  function ago() {
    const seconds = Math.max(0, Math.round((Date.now() - savedAt) / 1000))
    if (seconds < 5) return labels.justNow
    if (seconds < 60) return say(labels.seconds, { count: Math.floor(seconds / 5) * 5 })
    return say(labels.minutes, { count: Math.floor(seconds / 60) })
  }
  setInterval(() => { if (state === "saved" && !request) line.textContent = ago() }, 5_000)

  function others(answer) {
    const names = answer.writing || []
    const sentences = []
    if (answer.version > version) sentences.push(labels.newer)
    if (names.length) {
      const list = new Intl.ListFormat(document.documentElement.lang).format(names)
      sentences.push(say(names.length > 1 ? labels.writingMany : labels.writingOne, { names: list }))
    }
    const text = sentences.join(" ")
    if (warning.textContent !== text) warning.textContent = text
    warning.hidden = !text
  }

  // --- To the server

  function payload(more) {
    const body = new URLSearchParams(content())
    for (const name of ["draft", "base", "copy"]) body.set(name, form.elements[name].value)
    body.set("article", page.article)
    for (const [name, value] of Object.entries(more || {})) body.set(name, value)
    return body
  }

  const token = () => form.elements.csrfmiddlewaretoken

  async function post(body, signal) {
    return fetch(page.autosave, {
      method: "POST",
      body,
      signal,
      headers: { "X-CSRFToken": token().value, Accept: "application/json" },
    })
  }

  /** Asks whether we are logged in, with a new token if so, and who else is here. */
  async function greet() {
    const response = await fetch(`${page.autosave}?article=${page.article}`, { headers: { Accept: "application/json" } })
    if (!response.ok) return false
    const answer = await response.json()
    if (answer.member !== page.member) return false
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = answer.token
    others(answer)
    return true
  }

  function plan(wait) {
    clearTimeout(timer)
    timer = setTimeout(save, wait)
  }

  function failed(next) {
    dirty = true
    kept = stored.put()
    tell(kept ? next : "lost")
    plan(RETRY)
  }

  async function save() {
    if (request || leaving || !dirty) return
    firstChange = null
    const sent = content()
    request = new AbortController()
    dirty = false
    tell("saving")
    try {
      let response = await post(payload(), request.signal)
      // A login in another window changes the token; a session that is over needs that login first.
      if (response.status === 403 || response.status === 401) {
        if (!(await greet())) return failed("loggedOut")
        response = await post(payload(), request.signal)
      }
      if (response.status === 413) return failed("tooLong")
      if (!response.ok) return failed("refused")
      const answer = await response.json()
      token().value = answer.token
      if (!page.article) form.elements.copy.value = answer.copy || ""
      others(answer)
      savedAt = Date.now()
      if (content() === sent) {
        dirty = false
        stored.remove()
      } else changed()
      tell(answer.copy ? "saved" : "nothing")
    } catch {
      if (!leaving) failed("offline")
    } finally {
      request = null
    }
  }

  function changed() {
    const now = content()
    if (now === before && !dirty) return
    before = now
    dirty = true
    kept = stored.put()
    firstChange ??= Date.now()
    plan(Math.min(PAUSE, Math.max(0, firstChange + LONGEST - Date.now())))
  }

  // --- What was not saved last time

  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: page.timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: page.timeZone, dateStyle: "medium" })

  function whenOf(at) {
    const today = day.format(clock()) === day.format(at)
    return today ? time.format(at) : `${day.format(at)} ${time.format(at)}`
  }

  function titleOf(content) {
    const fields = new URLSearchParams(content)
    return fields.get("title_zh_hans") || fields.get("title_en") || labels.untitled
  }

  /** Offers what this browser kept, where the server has nothing newer. */
  function offer(entry) {
    const ofServer = page.article
      ? offers.querySelector("[data-offer]")
      : entry.token && offers.querySelector(`[data-token="${CSS.escape(entry.token)}"]`)
    if (ofServer && Date.parse(ofServer.dataset.savedAt) >= entry.at) return stored.remove(entry.token)
    const item = offers.querySelector("template").content.firstElementChild.cloneNode(true)
    const words = item.querySelector(".words")
    words.textContent = page.article ? say(labels.unsaved, { time: whenOf(entry.at) }) : titleOf(entry.content)
    if (!page.article) item.querySelector(".when").textContent = whenOf(entry.at)
    item.querySelector("[data-act=continue]").addEventListener("click", async (event) => {
      event.target.disabled = true
      const body = new URLSearchParams(entry.content)
      for (const name of ["base", "copy"]) body.set(name, entry[name] || "")
      body.set("draft", entry.token)
      body.set("article", page.article)
      try {
        const response = await post(body)
        if (!response.ok) throw new Error(`${response.status}`)
        const { copy } = await response.json()
        leaving = true
        stored.remove(entry.token)
        location.assign(copy ? `${page.path}?copy=${copy}` : page.path)
      } catch {
        event.target.disabled = false
        words.textContent = labels.saveFailed
      }
    })
    item.querySelector("[data-act=discard]").addEventListener("click", () => {
      stored.remove(entry.token)
      const old = ofServer?.querySelector("form")
      if (old) return old.submit()
      item.remove()
      settle()
    })
    if (ofServer) ofServer.hidden = true
    offers.querySelector("ul").prepend(item)
    offers.hidden = false
  }

  /** An article has one copy for each editor: the old one is decided on before a new one begins. */
  function settle() {
    const open = [...offers.querySelectorAll("li:not([hidden])")].length
    offers.hidden = !open
    form.inert = Boolean(page.article && open)
    form.classList.toggle("waiting", form.inert)
  }

  forgetSaved()
  const left = stored.all().sort((one, two) => two.at - one.at)
  const mine = left.find((entry) => entry.token === draft.value)
  const elsewhere = left.filter((entry) => entry !== mine && entry.content !== before)
  if (!page.sent && !page.continued) {
    // Of one article the newest; of new ones all.
    for (const entry of page.article ? elsewhere.slice(0, 1) : elsewhere.reverse()) offer(entry)
    settle()
  }
  for (const entry of left) if (entry.content === before && entry !== mine) stored.remove(entry.token)
  if (page.sent) {
    // It came back from the server unsaved.
    dirty = true
    kept = stored.put()
    plan(PAUSE)
  }

  // --- When

  form.addEventListener("input", changed)
  form.addEventListener("change", changed)
  // select2 and the admin's own pop-ups tell jQuery only.
  window.django?.jQuery?.(form).on("change", "select, input", changed)
  form.addEventListener("focusin", changed) // the calendar and the clock tell nobody, and lead back
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "_preview") return
    // The editor may hold it back for a picture; then typing goes on.
    setTimeout(() => {
      if (event.defaultPrevented) return
      leaving = true
      clearTimeout(timer)
      request?.abort()
    })
    if (content() !== before || dirty || request) kept = stored.put()
  })
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving && !kept) event.preventDefault()
  })
  window.addEventListener("pageshow", (event) => {
    leaving = false
    // Back after it was saved: what is typed now is another form.
    if (event.persisted) {
      draft.value = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
      forgetSaved()
    }
  })
  window.addEventListener("online", () => dirty && plan(0))
  const back = () => document.visibilityState === "visible" && dirty && plan(0)
  document.addEventListener("visibilitychange", back)
  window.addEventListener("focus", back)
  if (page.article) {
    setInterval(() => {
      if (document.visibilityState === "visible" && !dirty && !request) greet().catch(() => {})
    }, WATCH)
  }
}
