// Links: what may be one, and the dialog that asks for it.

export const LINK = /^(https?:\/\/[^\s/]|mailto:[^\s@]+@|\/(?![/\\]))/i

/** Asks for the address of a link; the caller learns it, "" to remove the link, or null. */
export function askForLink({ make }, labels, current) {
  const address = make("input", { type: "text", id: "richtext-link", inputmode: "url", autocomplete: "off", "aria-describedby": "richtext-link-hint" })
  const hint = make("p", { id: "richtext-link-hint", role: "status" }, labels.linkHint)
  const button = (value, label) => make("button", { value, type: "submit", formnovalidate: "" }, label)
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
