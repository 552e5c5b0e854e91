// The editor of article bodies: TipTap over a textarea of HTML (caisu/core/richtext.py).
//
// The textarea stays in the form and is kept up to date, with an "input" event for each change;
// whoever sets its value and sends "change" sets the editor's text. No inline style or script, no
// import map: works under script-src 'self'; style-src 'self'. The server sanitises what arrives.

const OURS = /^\/media\/images\/[0-9a-f]{32}\/[\w.]+$/
const LINK = /^(https?:\/\/[^\s/]|mailto:[^\s@]+@|\/(?![/\\]))/i

const ICONS = {
  bulletList: "M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01",
  orderedList: "M10 6h11M10 12h11M10 18h11M3 4.5l1.5-.5v5M3 9h3M3 15.2c.8-1.2 3-.9 2.6.6L3 19.5h3",
  blockquote: "M4 12h5v6H4v-7c0-3 1-4.5 3-5M14 12h5v6h-5v-7c0-3 1-4.5 3-5",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5",
  table: "M4 4h16v16H4zM4 10h16M4 15h16M10 4v16",
  rule: "M4 12h16",
  picture: "M4 4h16v16H4zM4 17l5-5 4 4 3-3 4 4M15.5 9h.01",
  undo: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4",
  redo: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h4",
  addRow: "M4 4h16v7H4zM12 14.5v6M9 17.5h6",
  deleteRow: "M4 4h16v7H4zM9 17.5h6",
  addColumn: "M4 4h7v16H4zM14.5 12h6M17.5 9v6",
  deleteColumn: "M4 4h7v16H4zM14.5 12h6",
  toggleHeader: "M4 4h16v16H4zM4 7h16M4 10h16",
  deleteTable: "M4 4h16v16H4zM9 9l6 6M15 9l-6 6",
}
const LETTERS = { paragraph: "¶", heading2: "H2", heading3: "H3", heading4: "H4", bold: "B", italic: "I" }

/** An element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path")
  stroke.setAttribute("d", path)
  svg.append(stroke)
  return svg
}

/** A label with {name} or {count} filled in. */
const say = (label, values) => label.replace(/{(\w+)}/g, (_, name) => values[name])

// --- Pasting

/**
 * A document from HTML of others, never shown. Style attributes and handlers are renamed first:
 * they do nothing here, but Chromium reports each one that it parses as against the policy.
 */
function parse(html) {
  const renamed = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)(\s*=)/gi, " data-$1$2"))
  return new DOMParser().parseFromString(renamed, "text/html")
}

/**
 * HTML from elsewhere, closer to what we keep: our own pictures by their path, others counted and
 * left out, bold and italic as tags where Google Docs and Word have styles.
 */
function cleanPasted(html) {
  const { body } = parse(html)
  let remote = 0
  for (const image of body.querySelectorAll("img")) {
    // WeChat keeps the address in data-src; either way it is not ours.
    const source = image.getAttribute("src") || image.dataset.src || ""
    const path = source.startsWith(`${location.origin}/`) ? source.slice(location.origin.length) : source
    if (OURS.test(path)) image.setAttribute("src", path)
    else {
      remote += 1
      image.remove()
    }
  }
  for (const element of body.querySelectorAll("[data-style]")) {
    const style = element.dataset.style.toLowerCase()
    element.removeAttribute("data-style")
    // Google Docs wraps all it copies in a <b style="font-weight:normal">.
    if (/font-weight:\s*(normal|400)/.test(style) && element.matches("b, strong")) {
      element.replaceWith(...element.childNodes)
      continue
    }
    if (!element.matches("span, font")) continue
    if (/font-weight:\s*(bold|[6-9]00)/.test(style)) wrapContents(element, "strong")
    if (/font-style:\s*italic/.test(style)) wrapContents(element, "em")
  }
  for (const [from, to] of [["h1", "h2"], ["h5, h6", "h4"]]) {
    for (const heading of body.querySelectorAll(from)) heading.replaceWith(make(to, {}, ...heading.childNodes))
  }
  return { html: body.innerHTML, remote }
}

function wrapContents(element, tag) {
  element.append(make(tag, {}, ...element.childNodes))
}

/** Picture files on a clipboard or in a drop; none where text with pictures in it was copied. */
function picturesIn(transfer) {
  const files = [...(transfer?.files || [])].filter((file) => file.type.startsWith("image/"))
  if (!files.length) return []
  // Word lays a picture of the copied text beside the text.
  return parse(transfer.getData("text/html")).body.textContent.trim() ? [] : files
}

// --- Nodes

/** TipTap's pictures as ours: always in a figure, with a caption and a field for the description. */
function pictureNodes({ Node }, labels) {
  const Picture = Node.create({
    name: "image",
    selectable: false, // its figure is
    atom: true,
    addAttributes: () => ({ src: { default: null }, alt: { default: "" } }),
    parseHTML: () => [{ tag: "img", getAttrs: (image) => OURS.test(image.getAttribute("src")) && null }],
    renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
    addNodeView: () => ({ node, getPos, editor }) => {
      const image = make("img", { src: node.attrs.src, alt: "", draggable: "false" })
      const alt = make("input", { type: "text", maxlength: "250", placeholder: labels.altHint })
      const remove = make("button", { type: "button", title: labels.removePicture, "aria-label": labels.removePicture }, "×")
      const dom = make("div", { class: "richtext-picture", contenteditable: "false" },
        image, make("div", {}, make("label", {}, labels.alt, alt), remove))
      alt.value = node.attrs.alt || ""
      alt.addEventListener("input", () => {
        editor.view.dispatch(editor.state.tr.setNodeAttribute(getPos(), "alt", alt.value))
      })
      // Enter would send the whole form.
      alt.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault())
      remove.addEventListener("click", () => {
        const figure = editor.state.doc.resolve(getPos())
        editor.chain().deleteRange({ from: figure.before(), to: figure.after() }).focus().run()
      })
      return {
        dom,
        stopEvent: (event) => dom.contains(event.target) && event.target !== image,
        ignoreMutation: () => true,
        update(next) {
          if (next.type !== node.type || next.attrs.src !== node.attrs.src) return false
          if (alt.value !== (next.attrs.alt || "")) alt.value = next.attrs.alt || ""
          return true
        },
      }
    },
  })
  const Caption = Node.create({
    name: "caption",
    content: "inline*",
    isolating: true,
    parseHTML: () => [{ tag: "figcaption" }],
    renderHTML: () => ["figcaption", 0],
    addNodeView: () => ({ node }) => {
      const dom = make("figcaption", { "data-placeholder": labels.caption })
      const update = (next) => {
        if (next.type !== node.type) return false
        dom.classList.toggle("richtext-empty", next.content.size === 0)
        return true
      }
      update(node)
      return { dom, contentDOM: dom, update, ignoreMutation: (change) => change.type === "attributes" }
    },
  })
  const Figure = Node.create({
    name: "figure",
    group: "block",
    content: "image caption",
    draggable: true,
    isolating: true,
    parseHTML: () => [
      // A figure around something else is but its content.
      { tag: "figure", getAttrs: (figure) => [...figure.querySelectorAll("img")].some((image) => OURS.test(image.getAttribute("src"))) && null },
    ],
    renderHTML: () => ["figure", 0],
    addKeyboardShortcuts() {
      return {
        // From the caption on to the text below.
        Enter: ({ editor }) => {
          const { $from } = editor.state.selection
          if ($from.parent.type.name !== "caption") return false
          return editor.chain().insertContentAt($from.after(-1), { type: "paragraph" }, { updateSelection: true }).run()
        },
      }
    },
  })
  return [Picture, Caption, Figure]
}

// --- The bar

/** [name, command, state]; null is a gap. "inTable" items show inside a table only. */
function tools(can) {
  const level = (number) => [`heading${number}`, (chain) => chain.toggleHeading({ level: number }), { active: ["heading", { level: number }] }]
  return [
    ["paragraph", (chain) => chain.setParagraph(), { active: ["paragraph"] }],
    level(2), level(3), level(4), null,
    ["bold", (chain) => chain.toggleBold(), { active: ["bold"] }],
    ["italic", (chain) => chain.toggleItalic(), { active: ["italic"] }],
    ["link", "link", { active: ["link"] }], null,
    ["bulletList", (chain) => chain.toggleBulletList(), { active: ["bulletList"] }],
    ["orderedList", (chain) => chain.toggleOrderedList(), { active: ["orderedList"] }],
    ["blockquote", (chain) => chain.toggleBlockquote(), { active: ["blockquote"] }],
    ["rule", (chain) => chain.setHorizontalRule()],
    ["table", (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true })],
    ...(can.upload ? [["picture", "picture"]] : []), null,
    ["undo", (chain) => chain.undo()],
    ["redo", (chain) => chain.redo()],
    ...[
      ["addRow", (chain) => chain.addRowAfter()],
      ["deleteRow", (chain) => chain.deleteRow()],
      ["addColumn", (chain) => chain.addColumnAfter()],
      ["deleteColumn", (chain) => chain.deleteColumn()],
      ["toggleHeader", (chain) => chain.toggleHeaderCell()],
      ["deleteTable", (chain) => chain.deleteTable()],
    ].map(([name, command]) => [name, command, { inTable: true }]),
  ]
}

/** The toolbar (WAI-ARIA APG, toolbar pattern: one stop for Tab, arrows inside). */
function makeBar(editor, settings, special) {
  const bar = make("div", { class: "richtext-bar", role: "toolbar", "aria-label": settings.labels.toolbar })
  const updates = []
  for (const tool of tools(settings)) {
    if (!tool) {
      bar.append(make("span", { "aria-hidden": "true" }))
      continue
    }
    const [name, command, { active, inTable } = {}] = tool
    const label = settings.labels[name]
    const button = make("button", { type: "button", title: label, "aria-label": label, "data-tool": name, tabindex: "-1" },
      ICONS[name] ? icon(ICONS[name]) : LETTERS[name])
    const run = typeof command === "string" ? special[command] : () => command(editor.chain().focus()).run()
    button.addEventListener("mousedown", (event) => event.preventDefault()) // keeps the selection
    button.addEventListener("click", () => button.getAttribute("aria-disabled") === "true" || run())
    updates.push(() => {
      const pressed = Boolean(active) && editor.isActive(...active)
      if (active) button.setAttribute("aria-pressed", String(pressed))
      if (inTable) button.hidden = !editor.isActive("table")
      const enabled = pressed || typeof command === "string" || command(editor.can().chain()).run()
      button.setAttribute("aria-disabled", String(!enabled))
    })
    bar.append(button)
  }
  const buttons = () => [...bar.querySelectorAll("button:not([hidden])")]
  bar.querySelector("button").tabIndex = 0
  bar.addEventListener("keydown", (event) => {
    const all = buttons()
    const here = all.indexOf(document.activeElement)
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: all.length - 1 }[event.key]
    if (next === undefined || here < 0) return
    event.preventDefault()
    const target = all.at(next % all.length)
    for (const button of bar.querySelectorAll("button")) button.tabIndex = button === target ? 0 : -1
    target.focus()
  })
  const update = () => updates.forEach((each) => each())
  editor.on("transaction", update)
  update()
  return bar
}

/** Asks for the address of a link; the caller learns it, "" to remove the link, or null. */
function askForLink(labels, current) {
  const address = make("input", { type: "text", id: "richtext-link", inputmode: "url", autocomplete: "off", "aria-describedby": "richtext-link-hint" })
  const hint = make("p", { id: "richtext-link-hint", role: "status" }, labels.linkHint)
  const button = (value, label, type = "submit") => make("button", { value, type, formnovalidate: "" }, label)
  const form = make("form", { method: "dialog" },
    make("label", { for: "richtext-link" }, labels.linkAddress), address, hint,
    make("div", {}, button("apply", labels.apply), ...(current ? [button("remove", labels.removeLink)] : []), button("cancel", labels.cancel)))
  const dialog = make("dialog", { class: "richtext-dialog", "aria-label": labels.link }, form)
  address.value = current
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      let href = address.value.trim()
      if (/^[^\s:/@]+@[^\s@]+\.[^\s@]+$/.test(href)) href = `mailto:${href}`
      else if (/^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(href)) href = `https://${href}`
      if (event.submitter.value === "apply" && href && !LINK.test(href)) {
        event.preventDefault()
        hint.textContent = labels.linkWrong
        address.setAttribute("aria-invalid", "true")
        address.focus()
        return
      }
      address.value = href
    })
    dialog.addEventListener("close", () => {
      dialog.remove()
      resolve({ apply: address.value, remove: "" }[dialog.returnValue] ?? null)
    })
    document.body.append(dialog)
    dialog.showModal()
    address.select()
  })
}

// --- Sending pictures

/** Sends one file, telling how far it is; throws an Error with a message to show. */
function send(file, settings, token, onProgress) {
  const { labels } = settings
  const failed = say(labels.failed, { name: file.name })
  if (file.size > settings.maxBytes) return Promise.reject(new Error(say(labels.tooLarge, { name: file.name })))
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest() // fetch does not tell how much has been sent
    request.open("POST", settings.upload)
    request.setRequestHeader("X-CSRFToken", token)
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total))
    request.addEventListener("load", () => {
      if (request.status === 200) resolve(JSON.parse(request.response))
      else if (request.status === 429) reject(new Error(labels.tooMany))
      else if (request.getResponseHeader("Content-Type")?.startsWith("text/plain")) reject(new Error(`${file.name}: ${request.response}`))
      else reject(new Error(failed))
    })
    request.addEventListener("error", () => reject(new Error(failed)))
    const body = new FormData()
    body.append("upload", file)
    request.send(body)
  })
}

// --- One editor

function start(area, tiptap) {
  const settings = JSON.parse(area.dataset.richtext)
  const { labels } = settings
  const status = make("div", { class: "richtext-status", role: "status" })
  const element = make("div", { class: "richtext" }, status)
  area.before(element)
  element.append(area)
  let uploading = 0

  function tell(text, wrong = false) {
    const close = make("button", { type: "button", title: labels.dismiss, "aria-label": labels.dismiss }, "×")
    const message = make("p", wrong ? { class: "wrong" } : {}, text, close)
    close.addEventListener("click", () => message.remove())
    status.append(message)
    if (!wrong) setTimeout(() => message.remove(), 8000)
  }

  /** Uploads files one after another, each behind the last, where the text then is. */
  async function take(files, position) {
    const token = area.form.querySelector("[name=csrfmiddlewaretoken]").value
    let place = position ?? editor.state.selection.to
    const follow = ({ transaction }) => { place = transaction.mapping.map(place) }
    editor.on("transaction", follow)
    uploading += 1
    for (const file of files) {
      const bar = make("progress", { max: "1", value: "0", "aria-label": say(labels.uploading, { name: file.name }) })
      const line = make("p", {}, bar, say(labels.uploading, { name: file.name }))
      status.append(line)
      try {
        const image = await send(file, settings, token, (part) => { bar.value = part })
        insert(image.url, place)
        tell(labels.uploaded)
      } catch (error) {
        tell(error.message, true)
      }
      line.remove()
    }
    uploading -= 1
    editor.off("transaction", follow)
  }

  function insert(src, place) {
    const at = editor.state.doc.resolve(Math.min(place, editor.state.doc.content.size))
    // Not into the caption of another picture, but behind that.
    const inside = at.parent.type.name === "caption" ? at.after(-1) : at.pos
    editor.commands.insertContentAt(inside, {
      type: "figure",
      content: [{ type: "image", attrs: { src, alt: "" } }, { type: "caption" }],
    })
    // The one question that a picture asks.
    element.querySelector(`.richtext-picture img[src="${src}"] ~ div input`)?.focus()
  }

  function choosePicture() {
    const input = make("input", { type: "file", accept: settings.accept, multiple: "" })
    input.addEventListener("change", () => take([...input.files]))
    input.click()
  }

  async function editLink() {
    const { selection } = editor.state
    const href = await askForLink(labels, editor.getAttributes("link").href || "")
    const chain = editor.chain().focus()
    if (href === null) chain.run()
    else if (!href) chain.extendMarkRange("link").unsetLink().run()
    else if (selection.empty && !editor.isActive("link")) {
      chain.insertContent({ type: "text", text: href.replace(/^mailto:/, ""), marks: [{ type: "link", attrs: { href } }] }).run()
    } else chain.extendMarkRange("link").setLink({ href }).run()
  }

  const Ours = tiptap.Extension.create({
    name: "ours",
    addKeyboardShortcuts: () => ({ "Mod-k": () => { editLink(); return true } }),
    addProseMirrorPlugins: () => [
      new tiptap.Plugin({
        props: {
          transformPastedHTML(html) {
            const { html: cleaned, remote } = cleanPasted(html)
            if (remote) tell(say(labels.remote, { count: remote }), true)
            return cleaned
          },
          handlePaste(view, event) {
            const files = settings.upload ? picturesIn(event.clipboardData) : []
            if (files.length) take(files)
            return files.length > 0
          },
          handleDrop(view, event, slice, moved) {
            const files = settings.upload && !moved ? picturesIn(event.dataTransfer) : []
            if (!files.length) return false
            event.preventDefault()
            take(files, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos)
            return true
          },
        },
      }),
    ],
  })

  const html = () => (editor.isEmpty ? "" : editor.getHTML())
  const label = area.labels[0]
  if (label) label.id ||= `${area.id}-label`
  const attributes = { role: "textbox", "aria-multiline": "true", lang: area.lang || document.documentElement.lang }
  if (label) attributes["aria-labelledby"] = label.id
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (area.hasAttribute(name)) attributes[name] = area.getAttribute(name)
  }
  const editor = new tiptap.Editor({
    element,
    injectCSS: false,
    editable: !area.disabled && !area.readOnly,
    content: area.value,
    editorProps: { attributes },
    extensions: [
      ...["Document", "Paragraph", "Text", "Bold", "Italic", "Code", "CodeBlock", "BulletList", "OrderedList",
        "ListItem", "Blockquote", "HorizontalRule", "HardBreak", "TableRow", "TableHeader", "TableCell",
        "History", "Dropcursor", "Gapcursor", "TrailingNode"].map((name) => tiptap[name]),
      tiptap.Heading.configure({ levels: [2, 3, 4] }),
      tiptap.Table.configure({ renderWrapper: false }),
      // Its own shortcut opens a dialog in English.
      tiptap.Link.extend({ addKeyboardShortcuts: () => ({}) }).configure({ openOnClick: false }),
      ...pictureNodes(tiptap, labels),
      Ours,
    ],
    onUpdate() {
      area.value = html()
      area.dispatchEvent(new Event("input", { bubbles: true }))
    },
  })
  element.prepend(makeBar(editor, settings, { link: editLink, picture: choosePicture }))
  label?.addEventListener("click", () => editor.commands.focus())
  area.addEventListener("change", () => {
    if (area.value !== html()) editor.commands.setContent(area.value)
  })
  area.form?.addEventListener("submit", (event) => {
    if (!uploading) return
    event.preventDefault()
    tell(labels.busy, true)
  })
}

/** Makes editors of all textareas below an element. */
export async function startAll(root) {
  for (const area of root.querySelectorAll("textarea[data-richtext]")) {
    // The empty form of a formset is only copied.
    if (area.id.includes("__prefix__") || area.closest(".richtext")) continue
    const settings = JSON.parse(area.dataset.richtext)
    try {
      start(area, await import(settings.editor))
    } catch (error) {
      console.error(error)
      area.before(make("p", { role: "alert" }, settings.labels.broken))
    }
  }
}

startAll(document)
document.addEventListener("formset:added", (event) => startAll(event.target))
