// The sign-up: the browser works a moment for the reader, and mistyped addresses are noticed.
// The page works without this module; whoever comes without proof is looked at first.

const form = document.querySelector("form#signup")
const widget = form.querySelector("altcha-widget")
const status = form.querySelector("[data-failed]")
const email = form.querySelector("[name=email]")
const certain = form.querySelector("[name=certain]")
// Longer than a slow telephone takes; then the form goes without.
const PATIENCE = 10_000

globalThis.$altcha?.algorithms.set("PBKDF2/SHA-256", () => new Worker(widget.dataset.worker))

const state = () => widget.getState?.() ?? "error"
let working = null

/** Starts the work, or joins it; never fails. */
function prove() {
  if (state() === "verified") return Promise.resolve()
  working ??= Promise.resolve(widget.verify?.()).catch(() => {}).then(() => {
    working = null
    status.textContent = state() === "verified" ? "" : status.dataset.failed
  })
  return working
}

form.addEventListener("focusin", () => prove(), { once: true })
let leaving = false
form.addEventListener("submit", async (event) => {
  if (state() === "verified") return
  event.preventDefault()
  if (leaving) return
  leaving = true
  status.textContent = status.dataset.working
  await Promise.race([prove(), new Promise((done) => setTimeout(done, PATIENCE))])
  await new Promise((done) => setTimeout(done)) // the widget writes its field after it says so
  form.submit()
})
addEventListener("pageshow", () => { leaving = false }) // back from the next page

/** Asks, under the field, whether the address means one that everybody knows; takes a click. */
function ask() {
  document.querySelector("#id_email_meant")?.remove()
  const [, name, domain] = email.value.trim().match(/^(.+)@(.+)$/) ?? []
  const right = JSON.parse(email.dataset.mistyped)[domain?.toLowerCase()]
  if (!right) return
  const line = document.querySelector("template#meant").content.firstElementChild.cloneNode(true)
  const button = line.querySelector("button")
  line.id = "id_email_meant"
  button.textContent = `${name}@${right}`
  button.addEventListener("click", () => {
    email.value = button.textContent
    line.remove()
    email.focus()
  })
  email.after(line)
  certain.value = email.value.trim() // asked once is enough: the server need not ask again
}
email.addEventListener("change", ask)
