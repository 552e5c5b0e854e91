// The button for a new code counts down; without this module the server answers who is too early.

for (const button of document.querySelectorAll("button[data-wait]")) {
  const label = button.textContent;
  const end = Date.now() + button.dataset.wait * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.waiting.replace("{seconds}", left) : label;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
  // A page that comes back from the browser's memory has slept; the clock has not.
  addEventListener("pageshow", (event) => { if (event.persisted) tick(); });
}
