// The editor of article bodies: TipTap over a textarea of HTML (caisu/core/richtext.py).
//
// The textarea stays in the form and is kept up to date, with an "input" event for each change;
// whoever sets its value and sends "change" sets the editor's text. While pictures are on their way
// it has data-busy, and one more "input" follows when they are there. No inline style or script, no
// import map: works under script-src 'self'; style-src 'self'. The server sanitises what arrives.
//
// Its parts are in richtext/; the settings say where (see MODULES in caisu/core/richtext.py).

const COUNT_PAUSE = 400 // milliseconds without a change before the words are counted again
const MESSAGE_TIME = 8000
// The only paragraph of an item or a cell, which is kept without (as in caisu/core/markup.py).
const ALONE = /(<(?:li|td|th)(?: [^>]*)?>)<p>((?:(?!<\/?p>)[^])*)<\/p>(?=<\/(?:li|td|th)>|<[uo]l[ >])/g

/** The parts of the editor, by the names of their modules. */
async function load({ modules }) {
  const { library, ...parts } = modules // fetched once it is opened
  const loaded = await Promise.all(Object.entries(parts).map(async ([name, address]) => [name, await import(address)]))
  return Object.fromEntries(loaded)
}

/** Lets the editor choose one of the pictures that are here already: see richtext/library.js. */
export async function choosePicture(settings) {
  const library = await import(settings.modules.library)
  return library.choosePicture(settings)
}

function start(area, settings, { tiptap, elements, paste, figures, bar, links, uploads, counting }) {
  const { labels } = settings
  const { make, say, sayCount } = elements
  const { OURS, figureOf, pictureNodes } = figures
  const language = area.lang || document.documentElement.lang
  const status = make("div", { class: "richtext-status", role: "status" })
  const length = make("p", { class: "richtext-length", id: `${area.id}-length` })
  const head = make("div", { class: "richtext-head" }, status)
  const element = make("div", { class: "richtext" }, head)
  const arrivals = new Map() // pictures on their way, by the key of their place in the text
  let clipboard = null // of the paste that goes on

  function tell(text, { wrong = false, addresses = [] } = {}) {
    const close = make("button", { type: "button", title: labels.dismiss, "aria-label": labels.dismiss }, "×")
    const list = make("ul", {}, ...addresses.map((address) =>
      // Without a referrer: WeChat shows its pictures to no other.
      make("li", {}, make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address))))
    const message = make("div", { class: wrong ? "message wrong" : "message" }, make("p", {}, text), close, ...(addresses.length ? [list] : []))
    close.addEventListener("click", () => message.remove())
    status.append(message)
    if (!wrong) setTimeout(() => message.remove(), MESSAGE_TIME)
  }

  // --- Pictures

  /** Puts a figure, or nothing, where an arriving picture stands; undo goes past it. */
  function settle(key, figure) {
    const { state } = editor
    const transaction = state.tr.setMeta("addToHistory", false)
    const places = []
    state.doc.descendants((node, position) => {
      if (node.type.name === "arriving" && node.attrs.key === key) places.push(position)
    })
    for (const place of places.reverse()) {
      if (figure) transaction.replaceWith(place, place + 1, state.schema.nodeFromJSON(figure))
      else transaction.delete(place, place + 1)
    }
    editor.view.dispatch(transaction)
  }

  const isThere = (key) => editor.getHTML().includes(`data-arriving="${key}"`)

  /** Says that a picture is on its way, before its place is put into the text. */
  function announce(key, name) {
    arrivals.set(key, { name, part: 0, watchers: new Set() })
    area.dataset.busy = ""
  }

  /** Sends one picture that was announced, and puts it into its place. */
  async function bring({ key, file, blob }) {
    const arrival = arrivals.get(key)
    const token = area.form.querySelector("[name=csrfmiddlewaretoken]").value
    const line = make("p", {}, say(labels.uploading, { name: arrival.name }))
    status.append(line)
    try {
      file ??= await uploads.fileFromBlob(blob, arrival.name)
      const picture = await uploads.send(file, settings, elements, token, (part) => {
        arrival.part = part
        arrival.watchers.forEach((watch) => watch(part))
      })
      const figure = figureOf(picture, language)
      if (isThere(key)) {
        settle(key, figure)
        tell(labels.uploaded)
      }
      return figure
    } catch (error) {
      settle(key, null)
      tell(error instanceof Error && error.name === "Error" ? error.message : say(labels.failed, { name: arrival.name }), { wrong: true })
      return null
    } finally {
      line.remove()
      arrivals.delete(key)
    }
  }

  /** Sends pictures that were announced one after another, as the server asks for patience. */
  async function bringAll(pictures) {
    const brought = []
    for (const picture of pictures) brought.push(await bring(picture))
    if (!arrivals.size) {
      delete area.dataset.busy
      changed() // whoever waited for the pictures may go on
    }
    return brought.filter(Boolean)
  }

  /** Behind a position, but not in the caption of another picture. */
  function placeAt(position) {
    const at = editor.state.doc.resolve(Math.min(position, editor.state.doc.content.size))
    return at.parent.type.name === "caption" ? at.after(-1) : at.pos
  }

  /** Takes files from a button, a paste or a drop to where they were meant. */
  async function take(files, position) {
    const pictures = files.map((file) => ({ key: crypto.getRandomValues(new Uint32Array(2)).join("-"), file }))
    for (const { key, file } of pictures) announce(key, file.name)
    editor.commands.insertContentAt(placeAt(position ?? editor.state.selection.to),
      pictures.map(({ key }) => ({ type: "arriving", attrs: { key } })))
    // Who has gone on, here or in another field, is not called back.
    const gone = new AbortController()
    for (const kind of ["keydown", "beforeinput", "pointerdown"]) {
      document.addEventListener(kind, () => gone.abort(), { signal: gone.signal })
    }
    const [figure, ...others] = await bringAll(pictures)
    if (figure && !others.length && !gone.signal.aborted) ask(figure)
    gone.abort()
  }

  /** Leads to the one question that a picture asks, where it is not answered yet; else back to the text. */
  function ask(figure) {
    const [{ attrs: { src, alt } }] = figure.content
    const question = alt ? null : element.querySelector(`.richtext-picture img[src="${src}"] ~ div input`)
    if (question) question.focus()
    else editor.commands.focus()
  }

  function pickFiles() {
    const input = make("input", { type: "file", accept: settings.accept, multiple: "" })
    input.addEventListener("change", () => take([...input.files]))
    input.click()
  }

  async function pickFromLibrary() {
    const picture = await choosePicture(settings)
    if (!picture) {
      editor.commands.focus()
      return
    }
    const figure = figureOf(picture, language)
    editor.commands.insertContentAt(placeAt(editor.state.selection.to), figure)
    ask(figure)
  }

  // --- Links

  async function editLink() {
    const { selection } = editor.state
    const href = await links.askForLink(elements, labels, editor.getAttributes("link").href || "")
    const chain = editor.chain().focus()
    if (href === null) chain.run()
    else if (!href) chain.extendMarkRange("link").unsetLink().run()
    else if (selection.empty && !editor.isActive("link")) {
      chain.insertContent({ type: "text", text: href.replace(/^mailto:/, ""), marks: [{ type: "link", attrs: { href } }] }).run()
    } else chain.extendMarkRange("link").setLink({ href }).run()
  }

  // --- Pasting and dropping

  function clean(html) {
    // The picture comes as a file, see handlePaste and handleDrop.
    if (settings.upload && paste.picturesIn(clipboard, OURS).length) return ""
    const found = paste.cleanPasted(html, clipboard, { ours: OURS, name: labels.pasted, sends: Boolean(settings.upload) })
    if (found.remote.length) tell(sayCount(labels.remote, found.remote.length), { wrong: true, addresses: found.remote })
    if (found.unreachable) tell(sayCount(labels.unreachable, found.unreachable), { wrong: true })
    for (const { key, file } of found.pictures) announce(key, file?.name ?? labels.pasted)
    if (found.pictures.length) setTimeout(() => bringAll(found.pictures)) // once the text is there
    return found.html
  }

  /** What is copied, with a mark by which clean() knows it. */
  function serializeFragment(fragment, options) {
    const copied = tiptap.pm.model.DOMSerializer.fromSchema(editor.schema).serializeFragment(fragment, options)
    copied.firstElementChild?.setAttribute(paste.OWN_SLICE, "")
    return copied
  }

  const Ours = tiptap.Extension.create({
    name: "ours",
    addKeyboardShortcuts: () => ({ "Mod-k": () => { editLink(); return true } }),
    addProseMirrorPlugins: () => [
      new tiptap.Plugin({
        props: {
          handleDOMEvents: {
            paste(view, event) { clipboard = event.clipboardData },
            drop(view, event) { clipboard = event.dataTransfer },
          },
          clipboardSerializer: { serializeFragment },
          transformPastedHTML: clean,
          handlePaste(view, event) {
            const files = settings.upload ? paste.picturesIn(event.clipboardData, OURS) : []
            if (files.length) take(files)
            return files.length > 0
          },
          handleDrop(view, event, slice, moved) {
            const files = settings.upload && !moved ? paste.picturesIn(event.dataTransfer, OURS) : []
            if (!files.length) return false
            event.preventDefault()
            take(files, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos)
            return true
          },
        },
      }),
    ],
  })

  // --- The text and its textarea

  /** The text as it is saved: without what stands in it for the editor only. */
  function html() {
    return editor.getHTML()
      .replace(ALONE, "$1$2")
      .replace(/<figure data-arriving="[^"]*"><\/figure>|<small><\/small>|<figcaption><\/figcaption>/g, "")
      .replaceAll('<ol data-type="decimal"', "<ol")
      .replace(/(?:<p><\/p>)+$/, "")
  }

  function changed() {
    area.value = html()
    area.dispatchEvent(new Event("input", { bubbles: true }))
  }

  /** Says under the text how long it is, and above it when that is too much. */
  let warned = false
  function measure() {
    const text = editor.state.doc.textBetween(0, editor.state.doc.content.size, "\n",
      (node) => (node.type.name === "credit" ? `\n${node.attrs.text}\n` : "\n"))
    const { han, words, all, minutes } = counting.counts(text)
    const inHan = all ? han > words : language.startsWith("zh")
    length.textContent = `${sayCount(inHan ? labels.characters : labels.words, all)} · ${sayCount(labels.minutes, minutes)}`
    const tooLong = area.value.length > settings.maxLength
    length.classList.toggle("wrong", tooLong)
    if (tooLong && !warned) tell(labels.tooLong, { wrong: true })
    warned = tooLong
  }

  const label = area.labels[0]
  if (label) label.id ||= `${area.id}-label`
  const attributes = { role: "textbox", "aria-multiline": "true", lang: language }
  if (label) attributes["aria-labelledby"] = label.id
  if (area.hasAttribute("aria-invalid")) attributes["aria-invalid"] = area.getAttribute("aria-invalid")
  // The length is told when the text gets the focus, not at each key.
  attributes["aria-describedby"] = `${area.getAttribute("aria-describedby") || ""} ${length.id}`.trim()
  const editor = new tiptap.Editor({
    element: null,
    injectCSS: false,
    editable: !area.disabled && !area.readOnly,
    content: paste.arranged(area.value),
    editorProps: { attributes },
    extensions: [
      ...["Document", "Paragraph", "Text", "Bold", "Italic", "Code", "CodeBlock", "BulletList", "OrderedList",
        "ListItem", "Blockquote", "HorizontalRule", "HardBreak", "TableRow", "TableHeader", "TableCell",
        "History", "Dropcursor", "Gapcursor", "TrailingNode"].map((name) => tiptap[name]),
      tiptap.Heading.configure({ levels: [2, 3, 4] }),
      tiptap.Table.configure({ renderWrapper: false }),
      // Its own shortcut opens a dialog in English.
      tiptap.Link.extend({ addKeyboardShortcuts: () => ({}) }).configure({ openOnClick: false }),
      ...pictureNodes(tiptap, elements, labels, arrivals),
      Ours,
    ],
    onUpdate: changed,
  })
  area.before(element)
  editor.mount(element)
  head.prepend(bar.makeBar(editor, settings, elements, { link: editLink, picture: pickFiles, library: pickFromLibrary }))
  element.append(length, area)
  measure()
  let timer
  editor.on("update", () => {
    clearTimeout(timer)
    timer = setTimeout(measure, COUNT_PAUSE)
  })
  label?.addEventListener("click", () => editor.commands.focus())
  area.addEventListener("change", () => {
    if (area.value !== html()) editor.commands.setContent(paste.arranged(area.value))
  })
  area.form?.addEventListener("submit", (event) => {
    if (!("busy" in area.dataset)) return
    event.preventDefault()
    tell(labels.busy, { wrong: true })
  })
}

/** Makes editors of all textareas below an element. */
export async function startAll(root) {
  for (const area of root.querySelectorAll("textarea[data-richtext]")) {
    // The empty form of a formset is only copied.
    if (area.id.includes("__prefix__") || area.closest(".richtext")) continue
    const settings = JSON.parse(area.dataset.richtext)
    try {
      if (area.value.length > settings.maxLength) area.before(note(settings.labels.notOpened))
      else start(area, settings, await load(settings))
    } catch (error) {
      console.error(error)
      area.before(note(settings.labels.broken))
    }
  }
}

/** A note above a textarea that stays one. */
function note(text) {
  const paragraph = document.createElement("p")
  paragraph.setAttribute("role", "alert")
  paragraph.append(text)
  return paragraph
}

startAll(document)
document.addEventListener("formset:added", (event) => startAll(event.target))
