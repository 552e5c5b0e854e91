// The toolbar of the editor.

const ICONS = {
  bulletList: "M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01",
  orderedList: "M10 6h11M10 12h11M10 18h11M3 4.5l1.5-.5v5M3 9h3M3 15.2c.8-1.2 3-.9 2.6.6L3 19.5h3",
  blockquote: "M4 12h5v6H4v-7c0-3 1-4.5 3-5M14 12h5v6h-5v-7c0-3 1-4.5 3-5",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5",
  table: "M4 4h16v16H4zM4 10h16M4 15h16M10 4v16",
  rule: "M4 12h16",
  picture: "M4 4h16v16H4zM4 17l5-5 4 4 3-3 4 4M15.5 9h.01",
  library: "M8 4h13v13H8zM8 14l4-4 3 3 2-2 4 4M17.5 7.5h.01M4 8v12.5h13",
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

/** [name, command, state]; null is a gap. "inTable" items show inside a table only. */
function tools({ compact, upload, library }) {
  const level = (number) => [`heading${number}`, (chain) => chain.toggleHeading({ level: number }), { active: ["heading", { level: number }] }]
  return [
    ["paragraph", (chain) => chain.setParagraph(), { active: ["paragraph"] }],
    level(2), level(3), ...(compact ? [] : [level(4)]), null,
    ["bold", (chain) => chain.toggleBold(), { active: ["bold"] }],
    ["italic", (chain) => chain.toggleItalic(), { active: ["italic"] }],
    ["link", "link", { active: ["link"] }], null,
    ["bulletList", (chain) => chain.toggleBulletList(), { active: ["bulletList"] }],
    ["orderedList", (chain) => chain.toggleOrderedList(), { active: ["orderedList"] }],
    ["blockquote", (chain) => chain.toggleBlockquote(), { active: ["blockquote"] }],
    ...(compact ? [] : [
      ["rule", (chain) => chain.setHorizontalRule()],
      ["table", (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true })],
    ]),
    ...(upload ? [["picture", "picture"]] : []),
    ...(library ? [["library", "library"]] : []), null,
    ["undo", (chain) => chain.undo()],
    ["redo", (chain) => chain.redo()],
    // A pasted table may be changed also where none can be made.
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

/**
 * The toolbar (WAI-ARIA APG, toolbar pattern: one stop for Tab, arrows inside).
 *
 * @param special functions for the tools that are more than a command: link, picture, library.
 */
export function makeBar(editor, settings, { make, icon }, special) {
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
  const update = () => {
    updates.forEach((each) => each())
    // The one stop for Tab may have been a tool for tables.
    if (bar.querySelector("button[tabindex='0']").hidden) {
      for (const [number, button] of buttons().entries()) button.tabIndex = number ? -1 : 0
      for (const button of bar.querySelectorAll("button[hidden]")) button.tabIndex = -1
    }
  }
  editor.on("transaction", update)
  update()
  return bar
}
