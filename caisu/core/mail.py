"""Mails: rendered in their reader's language, sent by the worker."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import override

from .jobs import job
from .models import SiteSettings


@job(queue="mail", retries=10, priority=10)
def deliver(subject: str, body: str, to: list[str], reply_to: list[str]) -> None:
    """Sends one message; tried again when the mail server is away."""
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, to, reply_to=reply_to).send()


def enqueue(message: EmailMessage) -> None:
    """Hands a rendered message to the worker, in the same transaction as what caused it."""
    deliver.enqueue(message.subject, str(message.body), message.to, message.reply_to)


def send(template: str, to: str, language: str, **context: Any) -> None:
    """Renders ``<app>/email/<name>`` and sends it.

    Args:
        template: ``moderation/approved`` for ``moderation/email/approved_subject.txt`` and
            ``…_message.txt``.
        to: an address; nothing happens if it is empty (a member who left).
        language: ``zh-hans`` or ``en``.
        context: what the templates need, beside ``site`` and ``site_url``.
    """
    if not to:
        return
    app, name = template.split("/")
    site = SiteSettings.load()
    context = {"site": site, "site_url": settings.SITE_URL, **context}
    with override(language):
        subject = " ".join(render_to_string(f"{app}/email/{name}_subject.txt", context).split())
        body = render_to_string(f"{app}/email/{name}_message.txt", context).strip() + "\n"
    reply_to = [site.contact_email] if site.contact_email else []
    enqueue(EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [to], reply_to=reply_to))
