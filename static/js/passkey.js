// Passkeys, where the browser knows them; the ceremony itself is allauth's.

import { inWeChat } from "./browser.js";

const all = (selector) => [...document.querySelectorAll(selector)];
const show = (selector, shown) => all(selector).forEach((node) => { node.hidden = !shown; });

/** A form with a button that asks the device, and a hidden field for its answer. */
function passkeyForm(form) {
  const button = form.querySelector("button[type=button]");
  const ids = {
    add: button.id,
    login: button.id,
    authenticate: button.id,
    credential: form.elements.credential.id,
    passwordless: form.elements.passwordless?.id,
    data: "js_data",
  };
  window.allauth.webauthn.forms[form.dataset.passkey]({ ids });
  form.hidden = false;
  // Without an answer there is nothing to send: the return key does what the button does.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.click();
  });
}

if (window.PublicKeyCredential) {
  all("form[data-passkey]").forEach(passkeyForm);
  // WeChat's has the words, and fails at the deed.
  show("[data-no-passkey]", inWeChat);
}

// Whoever closes the browser's own window has changed their mind or got the wrong device.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  show("[data-passkey-failed]", true);
});
