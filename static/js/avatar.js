// The square of a picture that is kept: a frame to drag, and three sliders that say the same.
// Without this module, or for a picture that the browser cannot show, the middle is taken.

const form = document.querySelector("form[data-avatar]");
const file = form.querySelector("input[type=file]");
const panel = form.querySelector("[data-crop]");
const stage = form.querySelector("[data-stage]");
const picture = form.querySelector("[data-picture]");
const frame = form.querySelector("[data-frame]");
const { x, y, size } = form.elements;

/** How far the frame can go on the screen, in pixels: the same sum as on the server. */
const room = () => {
  const { clientWidth: width, clientHeight: height } = picture;
  const side = Math.min(width, height) * size.value / size.max;
  return { side, across: width - side, down: height - side };
};

const draw = () => {
  const { side, across, down } = room();
  frame.style.inlineSize = frame.style.blockSize = `${side}px`;
  frame.style.translate = `${across * x.value / x.max}px ${down * y.value / y.max}px`;
  // Where there is no room to move, a slider says so.
  x.disabled = across < 1;
  y.disabled = down < 1;
};

const open = (shown) => {
  panel.hidden = panel.disabled = !shown;
  if (shown) draw();
};

const choose = () => {
  URL.revokeObjectURL(picture.src);
  const chosen = file.files[0];
  if (!chosen) {
    open(false);
    return;
  }
  size.value = size.max;
  x.value = y.value = x.max / 2;
  picture.src = URL.createObjectURL(chosen);
};

const between = (value, most) => Math.round(Math.max(0, Math.min(1, most ? value / most : 0.5)) * 1000);

const drag = (start) => {
  if (start.button || !start.isPrimary) return;
  start.preventDefault();
  const { across, down } = room();
  const left = across * x.value / x.max - start.clientX;
  const top = down * y.value / y.max - start.clientY;
  const move = (event) => {
    if (across >= 1) x.value = between(left + event.clientX, across);
    if (down >= 1) y.value = between(top + event.clientY, down);
    draw();
  };
  frame.setPointerCapture(start.pointerId);
  frame.addEventListener("pointermove", move);
  frame.addEventListener("lostpointercapture", () => frame.removeEventListener("pointermove", move), { once: true });
};

picture.addEventListener("load", () => {
  open(true);
  panel.scrollIntoView({ block: "nearest" });
});
picture.addEventListener("error", () => open(false));
file.addEventListener("change", choose);
panel.addEventListener("input", draw);
frame.addEventListener("pointerdown", drag);
new ResizeObserver(() => panel.hidden || draw()).observe(stage);
// A page that is come back to may still hold the file.
choose();
