// Copying, the phone's own share sheet, and what differs inside WeChat. All of it is comfort:
// link, text and pictures stand in the page without it.

import { inWeChat } from "./browser.js";

/** Buttons that copy the field they name, and say so to everyone. */
function copying(button) {
  const field = document.getElementById(button.dataset.copy);
  const status = button.closest("[data-copying]").querySelector("[role=status]");
  const say = (words) => {
    status.textContent = "";
    // A moment later: the same words said twice would else be heard once.
    setTimeout(() => { status.textContent = words; }, 50);
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      // Without https, and in older browsers of messengers.
      field.select();
      return document.execCommand("copy");
    }
  };
  button.addEventListener("click", async () => {
    const done = await copy();
    if (!done) field.select();
    say(done ? status.dataset.copied : status.dataset.failed);
  });
  button.hidden = false;
}

/** The share sheet of the system, where there is one. */
function sharing(button) {
  const data = { title: button.dataset.share, url: button.dataset.url };
  if (!navigator.share || navigator.canShare?.(data) === false) return;
  button.addEventListener("click", () => navigator.share(data).catch(() => {}));
  button.hidden = false;
}

document.querySelectorAll("[data-copy]").forEach(copying);
// Inside WeChat the sheet does not lead into its chats; the menu above the page does.
if (!inWeChat) document.querySelectorAll("[data-share]").forEach(sharing);
