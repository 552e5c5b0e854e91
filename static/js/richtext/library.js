// The library: a dialog to choose one of the pictures that are here already.
//
// Also for others than the editor, for a cover say:
//     const { choosePicture } = await import(settings.modules.library)
//     const picture = await choosePicture(settings)
// with the settings that caisu/core/richtext.py writes (editor_settings) and css/richtext.css.

const PAUSE = 300 // milliseconds without a key before a search begins

/**
 * Lets the editor choose.
 *
 * @param settings library (address of the list), labels, modules.
 * @returns a promise of {pk, token, url, thumbnail, name, alt_zh_hans, alt_en, credit, width,
 *     height}, or of null when the dialog was closed.
 */
export async function choosePicture(settings) {
  const { make, sayCount } = await import(settings.modules.elements)
  const { labels } = settings
  const search = make("input", { type: "search", id: "richtext-search", autocomplete: "off", enterkeyhint: "search" })
  const form = make("form", { role: "search" },
    make("label", { for: "richtext-search" }, labels.searchPictures),
    make("div", {}, search, make("button", { type: "submit" }, labels.search)))
  const status = make("p", { role: "status" })
  const list = make("ul", {})
  const older = make("button", { type: "button", hidden: "" }, labels.older)
  const again = make("button", { type: "button", hidden: "" }, labels.again)
  const close = make("button", { type: "button", class: "richtext-close", "aria-label": labels.close, title: labels.close }, "×")
  const title = make("h2", { id: "richtext-library-title" }, labels.library)
  const dialog = make("dialog", { class: "richtext-dialog richtext-library", "aria-labelledby": "richtext-library-title" },
    make("header", {}, title, close), form, status,
    make("div", { class: "richtext-shelf" }, list, make("div", {}, older, again)))

  let chosen = null
  let request = null
  let next = null // where the older ones begin
  let shown = 0

  function show(picture) {
    const name = picture.name || labels.nameless
    const button = make("button", { type: "button" },
      make("img", { src: picture.thumbnail, alt: "", loading: "lazy", width: picture.width, height: picture.height }),
      make("span", {}, name))
    const description = picture.alt_zh_hans || picture.alt_en
    if (description) button.title = description
    button.addEventListener("click", () => {
      chosen = picture
      dialog.close()
    })
    const item = make("li", {}, button)
    list.append(item)
    return item
  }

  /** Fetches a page of the list: a new search, or what comes after the pictures shown. */
  async function load(before = null) {
    request?.abort()
    const mine = request = new AbortController()
    const words = search.value.trim()
    const address = new URL(settings.library, location.href)
    address.searchParams.set("q", words)
    if (before) address.searchParams.set("before", before)
    again.hidden = true
    older.disabled = true
    status.textContent = labels.loading
    dialog.setAttribute("aria-busy", "true")
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" }, signal: mine.signal })
      // To one who is not logged in any more the answer is a page to log in.
      if (!response.ok || !response.headers.get("Content-Type")?.startsWith("application/json")) throw new Error(`${response.status}`)
      const answer = await response.json()
      if (!before) {
        list.replaceChildren()
        shown = 0
      }
      const items = answer.pictures.map(show)
      shown += items.length
      next = answer.older
      older.hidden = !next
      status.textContent = shown ? sayCount(labels.found, shown) : words ? labels.noneFound : labels.noPictures
      if (before) items[0]?.firstChild.focus()
    } catch (error) {
      if (mine.signal.aborted) return
      status.textContent = labels.libraryFailed
      again.hidden = false
      older.hidden = true
      again.onclick = () => load(before)
    }
    older.disabled = false
    dialog.removeAttribute("aria-busy")
  }

  /** Arrows move among the pictures, Home and End to the first and the last. */
  function move(event) {
    const buttons = [...list.querySelectorAll("button")]
    const here = buttons.indexOf(document.activeElement)
    if (here < 0) return
    const columns = buttons.filter((button) => button.parentElement.offsetTop === buttons[0].parentElement.offsetTop).length
    const target = {
      ArrowRight: here + 1, ArrowLeft: here - 1, ArrowDown: here + columns, ArrowUp: here - columns, Home: 0, End: buttons.length - 1,
    }[event.key]
    if (target === undefined) return
    event.preventDefault()
    buttons[target]?.focus()
  }

  let timer
  search.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(load, PAUSE)
  })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    clearTimeout(timer)
    load()
  })
  older.addEventListener("click", () => load(next))
  list.addEventListener("keydown", move)
  close.addEventListener("click", () => dialog.close())
  // What is typed here is no change of the form behind.
  for (const kind of ["input", "change"]) dialog.addEventListener(kind, (event) => event.stopPropagation())
  document.body.append(dialog)
  dialog.showModal()
  search.focus()
  load()
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      clearTimeout(timer)
      request?.abort()
      dialog.remove()
      resolve(chosen)
    })
  })
}
