// What the reader's browser is, and what it keeps for us.

/** Storage that forgets politely: private windows and some messengers refuse it. */
export const memory = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  text(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* nothing to be done */ }
  },
};

/** WeChat's own browser: no other window, no downloads, no passkeys. */
export const inWeChat = /MicroMessenger/i.test(navigator.userAgent);
