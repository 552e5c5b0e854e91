// What is pasted from elsewhere, made near to what we keep: Word, WPS, WeChat, Google Docs, web pages.
//
// Nothing here makes it safe: the schema of the editor, and then the server, do that.

const JUNK = "script, style, link, meta, title, template, noscript, iframe, object, embed, svg, math, xml, canvas, video, "
  + "audio, select, textarea, input, button, [hidden], br.Apple-interchange-newline, mpvoice, mpvideo, mp-common-profile"
const BLOCKS = "p, h1, h2, h3, h4, h5, h6, div, section, article, header, footer, main, aside, address, center, blockquote, "
  + "pre, ul, ol, li, dl, dt, dd, figure, figcaption, table, caption, thead, tbody, tfoot, tr, td, th, hr, body"
const BOXES = "body, div, section, article, header, footer, main, aside, address, center, blockquote, li, dd, td, th"
const PARAGRAPHS = "p, h1, h2, h3, h4, h5, h6, dt, pre"
const LINK = /^(https?:\/\/[^\s/]|mailto:[^\s@]+@|\/(?![/\\]))/i
const KEPT = { A: ["href"], IMG: ["src", "alt"], OL: ["start"], TD: ["colspan", "rowspan"], TH: ["colspan", "rowspan"] }

/** The mark of what was copied out of this editor. */
export const OWN_SLICE = "data-richtext-slice"

/** An element with children; of no document that is shown. */
function make(tag, ...children) {
  const element = document.createElement(tag)
  element.append(...children)
  return element
}

/**
 * A document from HTML of others, never shown. Style sheets go first, style attributes and handlers
 * are renamed: they do nothing here, but Chromium reports each one as against the policy.
 */
function parse(html) {
  const unstyled = html.replace(/<style[\s>][\s\S]*?(?:<\/style\s*>|$)/gi, "")
  const renamed = unstyled.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)(\s*=)/gi, " data-$1$2"))
  return new DOMParser().parseFromString(renamed, "text/html")
}

const nodes = (root, what) => {
  const walker = document.createTreeWalker(root, what)
  const found = []
  while (walker.nextNode()) found.push(walker.currentNode)
  return found
}
const isBlock = (node) => node.nodeType === Node.ELEMENT_NODE && node.matches(BLOCKS)
const isBlank = (node) => node.nodeType === Node.TEXT_NODE && !node.data.trim()
const rename = (element, tag) => element.replaceWith(make(tag, ...element.childNodes))
const unwrap = (element) => element.replaceWith(...element.childNodes)

/** The neighbour that is not white space only. */
function neighbour(node, side) {
  let next = node[side]
  while (next && isBlank(next)) next = next[side]
  return next
}

/** Takes a node out of its parents as long as they match, which are split around it. */
function lift(node, parents) {
  while (node.parentElement?.matches(parents)) {
    const parent = node.parentElement
    const rest = parent.cloneNode(false)
    while (node.nextSibling) rest.append(node.nextSibling)
    parent.after(node, rest)
  }
}

// --- Pictures

/** Files of the PNG and JPEG pictures in RTF: where Word has those that its HTML names by a path on the disk. */
export function picturesInRtf(rtf) {
  return [...rtf.matchAll(/\\(png|jpeg)blip(?![a-z])/g)].flatMap(({ 0: word, 1: kind, index }) => {
    let start = index + word.length
    let end = rtf.indexOf("}", start)
    if (rtf.slice(start, end).includes("{")) { // its {\*\blipuid …}
      start = end + 1
      end = rtf.indexOf("}", start)
    }
    const digits = rtf.slice(start, end).replace(/\\[a-z]+-?\d* ?|\s/gi, "")
    if (end < 0 || digits.length < 2 || !/^[\da-f]*$/i.test(digits)) return []
    const bytes = Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16))
    return [{ bytes, type: `image/${kind}` }]
  })
}

/** The picture in a data: address, or null. */
function pictureInData(address) {
  const found = /^data:(image\/[\w.+-]+)[^,]*;base64,/i.exec(address)
  if (!found) return null
  try {
    const binary = atob(address.slice(found[0].length).replace(/\s|%0[ad]/gi, "").replace(/%2b/gi, "+").replace(/%2f/gi, "/").replace(/%3d/gi, "="))
    return { bytes: Uint8Array.from(binary, (character) => character.charCodeAt(0)), type: found[1].toLowerCase() }
  } catch {
    return null
  }
}

/** Picture files on a clipboard or in a drop; none where text, or a picture of ours, was copied with them. */
export function picturesIn(transfer, ours) {
  const files = [...(transfer?.files || [])].filter((file) => file.type.startsWith("image/"))
  if (!files.length) return []
  const { body } = parse(transfer.getData("text/html"))
  // Word lays a picture of the copied text beside the text.
  if (body.textContent.trim()) return []
  return [...body.querySelectorAll("img")].some((image) => ours.test(ownPath(image.getAttribute("src") || ""))) ? [] : files
}

/** The address of a picture of this site from its root, of its query only the version; others as they are. */
function ownPath(address) {
  const path = address.startsWith(`${location.origin}/`) ? address.slice(location.origin.length) : address
  if (!path.startsWith("/media/")) return address
  const version = /[?&](v=\d{1,4})(?:&|$)/.exec(path)
  return path.split("?")[0] + (version ? `?${version[1]}` : "")
}

let lastKey = 0

/** Our pictures by their path, others out of the text: to be sent, named by their address, or counted. */
function takePictures(body, clipboard, { ours, name, sends }, found) {
  const images = [...body.querySelectorAll("img")]
  const begins = (image, start) => start.test(image.getAttribute("src") || "")
  const onDisk = images.filter((image) => begins(image, /^(file|cid):/i))
  const fromRtf = onDisk.length && sends ? picturesInRtf(clipboard?.getData("text/rtf") || "") : []
  const held = images.filter((image) => begins(image, /^(blob|webkit-fake-url):/i))
  const files = [...(clipboard?.files || [])].filter((file) => file.type.startsWith("image/"))
  for (const image of images) {
    const source = image.getAttribute("src") || ""
    if (ours.test(ownPath(source))) {
      image.setAttribute("src", ownPath(source))
      continue
    }
    const { alt } = image
    // WeChat and others load pictures late, from another attribute.
    const late = [image.dataset.src, image.dataset.original].find((address) => /^(https?:)?\/\//i.test(address || ""))
    if (alt.length < 9 && /\p{Extended_Pictographic}/u.test(alt)) image.replaceWith(alt) // an emoji drawn as a picture
    else if (image.getAttribute("width") === "1" && image.getAttribute("height") === "1") image.remove() // it only counts readers
    else if (late || /^(https?:)?\/\//i.test(source)) {
      found.remote.push(new URL(late || source, "https://x").href)
      image.remove()
    } else {
      const data = pictureInData(source)
        ?? (fromRtf.length === onDisk.length ? fromRtf[onDisk.indexOf(image)] : undefined)
        ?? (files.length === held.length ? files[held.indexOf(image)] : undefined)
        ?? (/^blob:/i.test(source) ? source : null)
      if (data?.type === "image/svg+xml" || data?.bytes?.length < 100) image.remove() // a drawing; a dot that holds a place
      else if (data && sends) {
        const key = `arriving-${++lastKey}`
        const ending = data.type?.replace(/^image\//, "") ?? ""
        found.pictures.push({
          key,
          blob: typeof data === "string" ? data : "",
          file: data instanceof File ? data : data.bytes && new File([data.bytes], `${name}.${ending}`, { type: data.type }),
        })
        const place = make("figure")
        place.dataset.arriving = key
        image.replaceWith(place)
      } else {
        if (source) found.unreachable += 1
        image.remove()
      }
    }
  }
}

// --- Styles and names of other programs

/** Declarations of a style attribute, as parse() has renamed it. */
function stylesOf(element) {
  const pairs = (element.dataset.style || "").toLowerCase().split(";").map((pair) => pair.split(":"))
  return Object.fromEntries(pairs.filter((pair) => pair.length > 1).map(([name, ...value]) => [name.trim(), value.join(":").trim()]))
}

/** Bold, italic and headings as tags, where Word and Google Docs have styles. */
function readStyles(body) {
  for (const element of body.querySelectorAll("[data-style]")) {
    const style = stylesOf(element)
    const { "font-weight": weight = "", "font-style": slant = "", "mso-outline-level": level } = style
    if (style.display === "none" || style["mso-hide"] === "all") element.remove()
    // Google Docs wraps all it copies in a <b style="font-weight:normal">.
    else if (/^(normal|400)/.test(weight) && element.matches("b, strong")) unwrap(element)
    else if (/^normal/.test(slant) && element.matches("i, em")) unwrap(element)
    else if (element.matches("span, font")) {
      if (/^(bold|[6-9]00)/.test(weight)) element.append(make("strong", ...element.childNodes))
      if (/^(italic|oblique)/.test(slant)) element.append(make("em", ...element.childNodes))
    } else if (element.matches("p") && /^[1-9]$/.test(level)) rename(element, `h${Math.min(6, level)}`)
  }
  for (const title of body.querySelectorAll("p.MsoTitle, p[class^=MsoTitle]")) rename(title, "h1")
  for (const [from, to] of [["h1", "h2"], ["h5, h6", "h4"]]) {
    for (const heading of body.querySelectorAll(from)) rename(heading, to)
  }
  for (const bold of body.querySelectorAll(":is(h2, h3, h4) :is(b, strong)")) unwrap(bold)
}

/** Where links lead: past Google's watchman, and none to places on another page or disk. */
function readLinks(body) {
  for (const link of body.querySelectorAll("a")) {
    let href = link.getAttribute("href") || ""
    if (/^https:\/\/www\.google\.com\/url\?/.test(href)) href = new URL(href).searchParams.get("q") || href
    if (LINK.test(href)) link.setAttribute("href", href)
    else unwrap(link)
  }
}

// --- Lists

const levelOf = (element) => Number(/level(\d)/.exec(stylesOf(element)["mso-list"] || "")?.[1] || 0)
const NUMBER = /^[（(]?(\d{1,3}[.)、．）]?|([a-z]|[ivxlc]{2,5}|[一二三四五六七八九十百]{1,4})[.)、．）])$/i

/** Word's paragraphs that only look like items of a list, as lists. */
function wordLists(body) {
  for (const first of body.querySelectorAll("p[data-style*=mso-list]")) {
    if (!first.isConnected || !levelOf(first)) continue
    const items = [first]
    for (let next = neighbour(first, "nextSibling"); next?.matches?.("p[data-style*=mso-list]") && levelOf(next); next = neighbour(next, "nextSibling")) items.push(next)
    const box = document.createDocumentFragment()
    const open = [] // the lists from the outermost to that of the last item
    const place = document.createComment("")
    first.before(place)
    for (const item of items) {
      const level = levelOf(item)
      const marks = [...item.querySelectorAll("[data-style*=mso-list]")]
      const mark = marks.map((element) => element.textContent).join("").replace(/[\s\u00a0]+/g, "")
      for (const element of marks) element.remove()
      const ordered = NUMBER.test(mark)
      const tag = ordered ? "OL" : "UL"
      while (open.length && open.at(-1).level > level) open.pop()
      if (open.at(-1)?.level === level && open.at(-1).list.tagName !== tag) open.pop()
      if (open.at(-1)?.level !== level) {
        const list = make(tag)
        const start = parseInt(mark.replace(/\D*/, ""), 10)
        if (ordered && start > 1) list.setAttribute("start", start)
        const outer = open.at(-1)?.list.lastElementChild ?? box
        outer.append(list)
        open.push({ level, list })
      }
      open.at(-1).list.append(make("li", make("p", ...item.childNodes)))
      item.remove()
    }
    place.replaceWith(box)
  }
  // Headings with a number keep their words.
  for (const mark of body.querySelectorAll("[data-style*='mso-list:ignore' i], [data-style*='mso-list: ignore' i]")) mark.remove()
}

/** Lists directly in lists, as Google Docs has them, into the item before. */
function nestLists(body) {
  for (const inner of body.querySelectorAll(":is(ul, ol) > :is(ul, ol)")) {
    const item = inner.previousElementSibling
    if (item?.matches("li")) item.append(inner)
    else inner.replaceWith(make("li", inner))
  }
}

// --- Paragraphs

/** Every picture in a figure of its own, which stands between paragraphs; credit, then caption. */
function arrangeFigures(body) {
  for (const figure of body.querySelectorAll("figure:not([data-arriving])")) {
    const images = [...figure.querySelectorAll("img")]
    const caption = figure.querySelector("figcaption")
    const credit = figure.querySelector("small")
    if (images.length) {
      const last = make("figure", images.pop())
      if (credit?.textContent.trim()) last.append(make("small", credit.textContent.trim()))
      credit?.remove()
      if (caption) {
        for (const block of caption.querySelectorAll(BLOCKS)) block.replaceWith(...block.childNodes, " ")
        last.append(caption)
      }
      figure.after(...images.map((image) => make("figure", image)), last)
    } else if (caption) rename(caption, "p")
    unwrap(figure)
  }
  const loose = [...body.querySelectorAll("img")].filter((image) => !image.closest("figure"))
  for (const image of loose) {
    const figure = make("figure")
    image.replaceWith(figure)
    figure.append(image)
  }
  // Out of paragraphs, links and whatever else stands in a line.
  for (const figure of body.querySelectorAll("figure")) lift(figure, `:not(${BOXES}, table, thead, tbody, tr, ul, ol, dl)`)
}

/** Two line breaks are a new paragraph; those at the ends of a paragraph are nothing. */
function readBreaks(body) {
  for (const line of [...body.querySelectorAll("br")].filter((each) => !each.closest("pre"))) {
    lift(line, `:not(${BLOCKS})`)
    const before = neighbour(line, "previousSibling")
    const behind = neighbour(line, "nextSibling")
    if (!before || !behind || isBlock(before) || isBlock(behind)) line.remove()
    else if (behind.nodeName === "BR" && line.parentElement.matches("p")) {
      const rest = make("p")
      while (line.nextSibling) rest.append(line.nextSibling)
      line.parentElement.after(rest)
      line.remove()
    } else if (behind.nodeName === "BR" && line.parentElement.matches(BOXES)) {
      // What stands before in no paragraph of its own becomes one.
      const paragraph = make("p")
      while (line.previousSibling && !isBlock(line.previousSibling)) paragraph.prepend(line.previousSibling)
      line.replaceWith(paragraph)
    }
  }
}

const HAN = /[\u2e80-\u303f\u3041-\u9fff\uf900-\ufaff\uff00-\uff60]/

/** One space where there is one; none at the ends of paragraphs, nor where a line of source ended in Chinese. */
function readSpaces(body) {
  const texts = nodes(body, NodeFilter.SHOW_TEXT).filter((text) => !text.parentElement.closest("pre"))
  for (const text of texts) text.data = text.data.replace(/[\u200b\u2060\ufeff\u00ad]/g, "")
  const filled = texts.filter((text) => text.data)
  const blocks = filled.map((text) => text.parentElement.closest(BLOCKS))
  for (const [number, text] of filled.entries()) {
    const same = (other) => (blocks[other] === blocks[number] ? filled[other].data : "")
    const whole = same(number - 1).slice(-1) + text.data + same(number + 1).slice(0, 1)
    const from = same(number - 1) ? 1 : 0
    let data = text.data.replace(/[ \t\f\u00a0]*\n\s*/g, (space, at) =>
      HAN.test(whole[at + from - 1] ?? "") && HAN.test(whole[at + from + space.length] ?? "") ? "" : " ")
    data = data.replace(/[ \t\n\r\f\u00a0]+/g, " ")
    if (number === 0 || blocks[number - 1] !== blocks[number]) data = data.replace(/^[\s\u3000]+/, "") // indents
    text.data = data
  }
}

/** Takes out what holds nothing, from the inside to the outside. */
function removeEmpty(body) {
  for (const element of [...body.querySelectorAll("*")].reverse()) {
    if (element.matches("img, br, hr, td, th, [data-arriving]") || element.textContent.trim()) continue
    if (element.querySelector("img, hr, td, th, [data-arriving]")) continue
    if (isBlock(element)) element.remove()
    else unwrap(element) // its space may stand between two words
  }
}

function stripAttributes(body) {
  for (const element of body.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) {
      if (!KEPT[element.tagName]?.includes(name) && name !== "data-arriving") element.removeAttribute(name)
    }
  }
}

// --- All of it

/**
 * HTML of a text that was set from outside, with its figures as the editor knows them.
 */
export function arranged(html) {
  if (!html.trim()) return html
  const { body } = parse(html)
  arrangeFigures(body)
  for (const element of body.querySelectorAll("[data-style]")) element.removeAttribute("data-style")
  return body.innerHTML
}

/**
 * HTML from elsewhere, as near as can be to what we keep.
 *
 * @param clipboard where it came from, for the pictures beside it; or null.
 * @param options ours: which addresses are of our pictures; name: for pictures without one; sends:
 *     whether pictures may be sent.
 * @returns html; remote: addresses of pictures left out; unreachable: how many others were left
 *     out; pictures: [{key, file or blob}] to be sent, each to its <figure data-arriving="key">.
 */
export function cleanPasted(html, clipboard, options) {
  const { body } = parse(html)
  const found = { remote: [], unreachable: 0, pictures: [] }
  for (const element of body.querySelectorAll(JUNK)) element.remove()
  takePictures(body, clipboard, options, found)
  // From this editor: its pieces fit as they are. Others of its kind leave their own marks.
  const own = body.querySelector(`[${OWN_SLICE}]`)
  if (!own) {
    for (const comment of nodes(body, NodeFilter.SHOW_COMMENT)) comment.remove()
    wordLists(body)
    readStyles(body)
    readLinks(body)
    nestLists(body)
    arrangeFigures(body)
    readBreaks(body)
    readSpaces(body)
    removeEmpty(body)
    stripAttributes(body)
  }
  for (const element of body.querySelectorAll("[data-style]")) element.removeAttribute("data-style")
  return { html: body.innerHTML, ...found, remote: [...new Set(found.remote)] }
}
