// Comfort for readers with JavaScript; every page works without it.
// One file: the hashed names of static files do not reach import statements.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

/** Storage that forgets politely: in private windows it may refuse. */
const memory = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* nothing to be done */ }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* nothing to be done */ }
  },
};

/** The time in Pocatello and in Beijing, in the ear of the masthead. */
function clocks(place) {
  const hands = all("[data-zone]", place).map((time) => {
    const timeZone = time.dataset.zone;
    const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
    return (now) => { time.textContent = format.format(now); };
  });
  const tick = () => {
    const now = new Date();
    hands.forEach((hand) => hand(now));
    setTimeout(tick, 60_000 - (now % 60_000));
  };
  tick();
  place.classList.add("going");
}

/** Counts a view once somebody looks: not for a page that is only being prepared. */
function countView(article) {
  const send = () => navigator.sendBeacon?.(article.dataset.hit)
    || fetch(article.dataset.hit, { method: "POST", keepalive: true }).catch(() => {});
  if (document.prerendering) document.addEventListener("prerenderingchange", send, { once: true });
  else send();
}

/** Replies open under the comment that they answer; drafts outlive a reload. */
function conversation(form) {
  const parent = one("input[name=parent]", form);
  const body = one("textarea[name=body]", form);
  const line = one(".replying", form);
  const words = one("[data-replying]", form);
  if (!parent || !body || !line || !words) return;
  const key = `draft:${form.dataset.draft}`;
  const home = document.createComment("");
  form.before(home);

  const keep = () => {
    if (body.value.trim()) memory.set(key, { body: body.value, parent: parent.value });
    else memory.drop(key);
  };
  const answer = (link) => {
    parent.value = link.dataset.reply;
    words.textContent = words.dataset.replying.replace("{name}", link.dataset.name);
    line.hidden = false;
    link.closest(".comment").after(form);
  };
  const alone = () => {
    parent.value = "";
    line.hidden = true;
    home.after(form);
  };

  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a.reply[data-reply], [data-cancel-reply]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.reply) answer(link);
    else alone();
    keep();
    body.focus();
    form.scrollIntoView({ block: "nearest" });
  });

  // A text is sent when its own place answers: then, and only then, the draft may go.
  const draft = memory.get(key);
  const arrived = /^#comment-\d+$/.test(location.hash);
  if (draft?.sent && arrived && !body.value) memory.drop(key);
  else if (draft?.body && !body.value) {
    body.value = draft.body;
    const link = draft.parent && one(`a.reply[data-reply="${CSS.escape(draft.parent)}"]`);
    if (link && !parent.value) answer(link);
  }
  body.addEventListener("input", keep);
  form.addEventListener("submit", () => {
    if (body.value.trim()) memory.set(key, { body: body.value, parent: parent.value, sent: true });
  });
}

/** A second click on a slow line does not send a form twice. */
function sendOnce() {
  const sent = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get") return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    // Later: a disabled button would not say its name to the server.
    setTimeout(() => event.submitter?.setAttribute("disabled", ""));
  });
  addEventListener("pageshow", () => {
    for (const form of sent) {
      for (const button of form.elements) if (button.type === "submit") button.disabled = false;
    }
    sent.clear();
  });
}

/** “/” goes to the search box, unless somebody is writing. */
function searchKey(box) {
  box.setAttribute("aria-keyshortcuts", "/");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

/** Small menus close as menus do: by Escape, or a click elsewhere. */
function menus() {
  const close = (except) => all("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    one("summary", menu).focus();
  });
}

/** Phones offer the mailed code above the keyboard; a pasted one loses its spaces. */
function codeField(input) {
  input.autocomplete = "one-time-code";
  input.inputMode = "numeric";
  input.addEventListener("input", () => {
    const digits = input.value.normalize("NFKC").replace(/\s/g, "");
    if (digits !== input.value) input.value = digits;
  });
}

all("[data-clocks]").forEach(clocks);
all("article[data-hit]").forEach(countView);
all("form#comment-form[data-draft]").forEach(conversation);
all("#site-search").forEach(searchKey);
all("input[name=code]").forEach(codeField);
sendOnce();
menus();
// The current section may stand outside the sight of a phone.
one(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
