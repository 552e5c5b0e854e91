"""var/local.env: what a first start needs and nobody has to type. Imports nothing of Django."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

VAR_DIR = Path(__file__).resolve().parents[2] / "var"
LOCAL_ENV = VAR_DIR / "local.env"


def ensure_local_env() -> bool:
    """Writes a secret and the address of this machine, readable by its owner alone.

    ``HOST`` and ``PORT`` of the environment give the address. Nothing is changed in a file that
    is there already.

    Returns:
        Whether the file was made.
    """
    for name in ("mail", "media", "static"):
        (VAR_DIR / name).mkdir(parents=True, exist_ok=True)
    if LOCAL_ENV.exists():
        return False
    text = f"SECRET_KEY={secrets.token_urlsafe(50)}\nSITE_URL={local_address()}\n"
    descriptor = os.open(LOCAL_ENV, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return True


def follow_address() -> None:
    """Lets SITE_URL follow ``HOST`` and ``PORT``, as long as the site is this machine's own affair."""
    if "SITE_URL" in os.environ or not {"HOST", "PORT"} & os.environ.keys():
        return
    lines = LOCAL_ENV.read_text().splitlines()
    url = next((line.partition("=")[2] for line in lines if line.startswith("SITE_URL=")), "")
    if url.startswith(("http://127.0.0.1", "http://localhost")):
        os.environ["SITE_URL"] = local_address()


def local_address() -> str:
    """Where ``manage.py run`` serves, as a browser on this machine writes it."""
    host = os.environ.get("HOST", "127.0.0.1")
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://{host}:{os.environ.get('PORT', '8000')}"
