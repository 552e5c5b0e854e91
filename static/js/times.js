// Time as it passes on a page that stands open: two clocks, “5 minutes ago”, and the day in the
// masthead, which turns at midnight where the site is at home.

const all = (selector) => [...document.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

const { lang } = document.documentElement;
const home = { timeZone: one("[data-home]")?.dataset.home };
const DAY = 86_400_000;
const TRIES = 3; // in each tab: a reader's clock may be wrong

const iso = new Intl.DateTimeFormat("sv-SE", home); // 2026-11-23
const clock = new Intl.DateTimeFormat("en-GB", { ...home, hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(lang === "en" ? "en-US" : "zh-CN", { ...home, dateStyle: "long" });
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });

/** What this tab keeps, where it may. */
function session(key, value) {
  try {
    if (value !== undefined) sessionStorage.setItem(key, value);
    return sessionStorage.getItem(key);
  } catch { return null; }
}

/** As the server says it (the filter `ago`), but for what has just happened. */
function ago(then, now) {
  const minutes = Math.floor((now - then) / 60_000);
  const [day, today] = [iso.format(then), iso.format(now)];
  if (minutes < 60 || day === today) {
    const words = minutes < 60 ? relative.format(-minutes, "minute")
      : relative.format(-Math.floor(minutes / 60), "hour");
    return words.replace(/(\d)(?=\p{Script=Han})/u, "$1 ");
  }
  const yesterday = new Date(Date.parse(today) - DAY).toISOString().slice(0, 10);
  return day === yesterday ? `${relative.format(-1, "day")} ${clock.format(then)}` : date.format(then);
}

const hands = all("[data-zone]").map((time) => {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: time.dataset.zone, hour: "2-digit", minute: "2-digit",
  });
  return (now) => { time.textContent = format.format(now); };
});

/** The date, the lunar date and the solar term of another day: the server knows the almanac. */
let tries = Number(session("tries"));
async function turn(now) {
  const shown = one(".ear > time");
  if (!shown || shown.dateTime === iso.format(now) || tries === TRIES) return;
  session("tries", tries += 1);
  try {
    // As a visitor: what the site has to say to a member waits for the member.
    const answer = await fetch(one("a.nameplate").href, { cache: "no-store", credentials: "omit" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const time = one(".ear > time", fresh);
    if (!time || time.dateTime === shown.dateTime) return;
    one(".ear > .lunar").replaceWith(one(".ear > .lunar", fresh));
    shown.replaceWith(time);
    session("tries", tries = 0);
  } catch { /* no line: the next minute tries again */ }
}

function pass(now, isFirst = false) {
  hands.forEach((hand) => hand(now));
  turn(now);
  if (isFirst) return; // the page is as fresh as its words
  for (const time of all("time[data-ago]")) {
    // What is read aloud whenever it changes stays as it was said.
    if (time.closest("[role=status], [role=alert]")) continue;
    const then = new Date(time.dateTime);
    const words = now - then < 60_000 ? time.textContent : ago(then, now);
    if (words !== time.textContent) time.textContent = words;
  }
}

let timer = 0;
function tick(isFirst = false) {
  const now = new Date();
  clearTimeout(timer);
  if (document.hidden && !isFirst) return;
  pass(now, isFirst);
  timer = setTimeout(tick, 60_000 - (now % 60_000));
}

tick(true);
all("[data-clocks]").forEach((place) => place.classList.add("going"));
document.addEventListener("visibilitychange", () => tick());
addEventListener("pageshow", (event) => { if (event.persisted) tick(); });
