// A conversation keeps up while somebody looks at it. Without this file a reload does the same.

const one = (selector, root = document) => root.querySelector(selector);

const FIRST = 30_000; // between two questions, in milliseconds
const LONGEST = 300_000;
const OVER = new Set([400, 403, 404]); // there is nothing to ask for any more

/** Says that the conversation was seen, once some of it is in view. */
function visit(section) {
  const form = one("form.seen[data-here]", section);
  if (!form) return;
  form.hidden = true;
  let seen = false;
  const send = () => {
    if (document.hidden || !seen) return;
    document.removeEventListener("visibilitychange", send);
    const headers = { Accept: "application/json" };
    fetch(form.action, { method: "POST", body: new FormData(form), headers, keepalive: true })
      .catch(() => {}); // no line: the next visit says it
  };
  document.addEventListener("visibilitychange", send);
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    seen = true;
    send();
  });
  observer.observe(section);
}

/** Puts the conversation of a freshly fetched page in the place of the one that is shown. */
function renew(section, fresh) {
  const [old, threads] = [one(".threads", section), one(".threads", fresh)];
  const form = one("#comment-form", old);
  const answered = form?.previousElementSibling?.id;
  const field = form && document.activeElement?.closest("#comment-form") ? document.activeElement : null;
  const selection = field?.selectionStart !== undefined ? [field.selectionStart, field.selectionEnd] : null;
  // A reply that is being written stays where it is, letter for letter.
  if (form) old.after(form);
  old.replaceWith(threads);
  if (form && answered) one(`#${CSS.escape(answered)}`, threads)?.after(form);
  if (field) field.focus({ preventScroll: true });
  if (selection && selection[0] !== null) field.setSelectionRange(...selection);
  const count = one("h2 .count", section);
  if (count) count.textContent = one("h2 .count", fresh)?.textContent ?? count.textContent;
  const [line, now] = [one(".keeping-up", section), one(".keeping-up", fresh)];
  if (line && now) line.replaceWith(now);
  section.dataset.since = fresh.dataset.since;
  threads.dispatchEvent(new CustomEvent("comments:brought", { bubbles: true }));
}

/** Asks now and then whether something new was said, and offers to bring it in. */
function poll(section) {
  const line = one(".arrived", section);
  if (!line) return;
  let wait = FIRST;
  let etag = "";
  let timer = 0;
  let asked = Date.now();
  let over = false;

  const slower = (by) => { wait = Math.min(wait * by, LONGEST); };
  const later = () => {
    clearTimeout(timer);
    if (!over && !document.hidden) timer = setTimeout(ask, wait);
  };
  const show = ({ count, text, url, first }) => {
    if (!count) {
      line.replaceChildren();
      return;
    }
    const link = document.createElement("a");
    Object.assign(link, { href: url, textContent: text });
    link.dataset.first = first;
    line.replaceChildren(link);
  };

  async function ask() {
    asked = Date.now();
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(section.dataset.since, { headers, cache: "no-store" });
      if (OVER.has(answer.status)) {
        over = true;
        line.replaceChildren();
        return;
      }
      if (answer.status === 304) slower(1.25);
      else if (answer.ok) {
        etag = answer.headers.get("ETag") ?? "";
        show(await answer.json());
      } else slower(2);
    } catch {
      slower(2); // no line
    }
    later();
  }

  async function bring(link) {
    try {
      const page = await fetch(location.href.split("#")[0], { headers: { Accept: "text/html" } });
      const text = await page.text();
      const fresh = one("#comments[data-since]", new DOMParser().parseFromString(text, "text/html"));
      const first = fresh && one(`.threads #comment-${link.dataset.first}`, fresh);
      if (!page.ok || !first) throw new Error("it stands on another page");
      renew(section, fresh);
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      first.scrollIntoView({ block: "nearest" });
    } catch {
      location.assign(link.href); // what was typed is kept in the browser
      return;
    }
    line.replaceChildren();
    [etag, wait] = ["", FIRST];
    later();
    visit(section);
  }

  line.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (line.getAttribute("aria-busy") === "true") return;
    line.setAttribute("aria-busy", "true");
    bring(link).finally(() => line.removeAttribute("aria-busy"));
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (!over) {
      wait = FIRST;
      if (Date.now() - asked > FIRST) ask();
      else later();
    }
  });
  later();
}

const section = one("#comments");
if (section) visit(section);
if (section?.dataset.since) poll(section);
