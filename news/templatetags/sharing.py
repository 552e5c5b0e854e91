"""``{% card_url article %}`` for what machines read, ``{% invitation article %}`` for what people paste."""

from django import template
from django.conf import settings
from django.urls import reverse

from caisu.core.models import SiteSettings
from news.sharing import pictures, text

register = template.Library()


@register.simple_tag(takes_context=True)
def card_url(context, article):
    """Absolute address of the share picture in the language shown; a new one after each edit."""
    language = article.language
    site = context.get("site")
    sheet = pictures.sheet_of(article, language, site if isinstance(site, SiteSettings) else None)
    path = reverse("share_picture", args=[article.pk, language, "card"])
    return f"{settings.SITE_URL}{path}?v={sheet.digest[:8]}"


@register.simple_tag
def short_address(article):
    """The absolute short link."""
    return text.short_address(article)


@register.simple_tag
def invitation(article):
    """Title, two sentences and the short link."""
    return text.invitation(article)
