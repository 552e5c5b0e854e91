// Pictures in a text: a figure of the picture, its credit and its caption.
//
//     <figure><img src alt><small>credit</small><figcaption>caption</figcaption></figure>

export const OURS = /^\/media\/images\/[0-9a-f]{32}\/(?:full|[0-9]{2,4})\.(?:webp|jpg)(?:\?v=[0-9]{1,4})?$/

/** A figure as TipTap takes it, with what is known about the picture in a language ("zh-Hans", "en"). */
export function figureOf(picture, language) {
  const alt = picture[`alt_${language.toLowerCase().replace("-", "_")}`] || ""
  return {
    type: "figure",
    content: [
      { type: "image", attrs: { src: picture.url, alt } },
      { type: "credit", attrs: { text: picture.credit || "" } },
      { type: "caption" },
    ],
  }
}

/**
 * The nodes.
 *
 * @param arrivals Map of pictures on their way, by key: {name, part, watchers}; each of the watchers
 *     is called with the part that has been sent.
 */
export function pictureNodes({ Node }, { make, say }, labels, arrivals) {
  /** A field of a figure, kept level with an attribute of its node. */
  function field(label, hint, maxlength, attribute, editor, getPos) {
    const input = make("input", { type: "text", maxlength, placeholder: hint, "data-field": attribute })
    input.addEventListener("input", () => {
      editor.view.dispatch(editor.state.tr.setNodeAttribute(getPos(), attribute, input.value))
    })
    // Enter would send the whole form.
    input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault())
    // The text's own "change" is for whoever sets it from outside.
    input.addEventListener("change", (event) => event.stopPropagation())
    return [input, make("label", {}, make("span", {}, label), input)]
  }
  const set = (input, value) => { if (input.value !== value) input.value = value }

  const Picture = Node.create({
    name: "image",
    selectable: false, // its figure is
    atom: true,
    addAttributes: () => ({ src: { default: null }, alt: { default: "" } }),
    parseHTML: () => [{ tag: "img", getAttrs: (image) => OURS.test(image.getAttribute("src")) && null }],
    renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
    addNodeView: () => ({ node, getPos, editor }) => {
      const image = make("img", { src: node.attrs.src, alt: "", draggable: "false" })
      const [alt, row] = field(labels.alt, labels.altHint, "250", "alt", editor, getPos)
      const remove = make("button", { type: "button", title: labels.removePicture, "aria-label": labels.removePicture }, "×")
      const dom = make("div", { class: "richtext-picture", contenteditable: "false" }, image, make("div", {}, row, remove))
      set(alt, node.attrs.alt || "")
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
          set(alt, next.attrs.alt || "")
          return true
        },
      }
    },
  })

  const Credit = Node.create({
    name: "credit",
    selectable: false,
    atom: true,
    addAttributes: () => ({ text: { default: "", parseHTML: (small) => small.textContent, rendered: false } }),
    parseHTML: () => [{ tag: "figure > small" }],
    renderHTML: ({ node }) => ["small", {}, node.attrs.text],
    addNodeView: () => ({ node, getPos, editor }) => {
      const [credit, row] = field(labels.credit, labels.creditHint, "150", "text", editor, getPos)
      const dom = make("div", { class: "richtext-credit", contenteditable: "false" }, row)
      set(credit, node.attrs.text)
      return {
        dom,
        stopEvent: () => true,
        ignoreMutation: () => true,
        update(next) {
          if (next.type !== node.type) return false
          set(credit, next.attrs.text)
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
    content: "image credit caption",
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

  // The place of a picture that is being sent; never in the text that is saved.
  const Arriving = Node.create({
    name: "arriving",
    group: "block",
    atom: true,
    selectable: false,
    addAttributes: () => ({
      key: {
        default: "",
        parseHTML: (figure) => figure.dataset.arriving,
        renderHTML: ({ key }) => ({ "data-arriving": key }),
      },
    }),
    parseHTML: () => [{ tag: "figure[data-arriving]", priority: 100, getAttrs: (figure) => arrivals.has(figure.dataset.arriving) && null }],
    renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],
    addNodeView: () => ({ node }) => {
      const arrival = arrivals.get(node.attrs.key)
      const text = say(labels.uploading, { name: arrival?.name ?? labels.pasted })
      const bar = make("progress", { max: "1", value: String(arrival?.part ?? 0), "aria-label": text })
      arrival?.watchers.add((part) => { bar.value = part })
      return { dom: make("div", { class: "richtext-arriving", contenteditable: "false" }, bar, make("span", {}, text)), ignoreMutation: () => true }
    },
  })

  return [Picture, Credit, Caption, Figure, Arriving]
}
