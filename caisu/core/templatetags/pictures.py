"""How pictures stand in a page: ``{% picture cover sizes="…" %}``, ``{{ body|richtext }}``."""

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from caisu.core import images, markup
from caisu.core.models import Image

register = template.Library()

# Full width on a phone, the measure of a text on anything wider.
BODY_SIZES = "(min-width: 45rem) 44rem, 100vw"
SRC = re.compile(r' src="([^"]*)"')
ALT = re.compile(r' alt="([^"]*)"')


@register.simple_tag
def picture(image, sizes="100vw", eager=False, alt=None):
    """A picture in the size that the screen needs, with room kept for it before it comes.

    Args:
        image: a core.Image, or None for nothing.
        sizes: how wide it will be shown, as in HTML.
        eager: for what is in sight at once; other pictures are fetched when they come near.
        alt: instead of its own description; empty where the text beside it says the same.
    """
    if image is None:
        return ""
    # A colour in a style attribute would break the policy; the style sheet reads data-colour.
    return format_html(
        '<picture><source type="image/webp" srcset="{}" sizes="{}">'
        '<img src="{}" width="{}" height="{}" alt="{}" data-colour="{}"{}></picture>',
        images.srcset(image),
        sizes,
        images.fallback_url(image),
        image.width,
        image.height,
        image.alt if alt is None else alt,
        image.colour,
        mark_safe(' fetchpriority="high"' if eager else ' loading="lazy" decoding="async"'),
    )


@register.filter
def richtext(html):
    """The stored body of an article, with its pictures in all their sizes. One query at most.

    Takes only what RichTextField has saved: what else it finds in it is not checked again.
    """
    tokens = images.in_html(html)
    if not tokens:
        return mark_safe(html)
    found = {image.token: image for image in Image.objects.filter(token__in=tokens)}

    def show(match):
        src, alt = SRC.search(match[1]), ALT.search(match[1])
        ours = markup.OUR_PICTURE.fullmatch(src[1]) if src else None
        image = found.get(ours[1]) if ours else None
        # The editor's words for this place go before those of the picture; escaped already.
        words = mark_safe(alt[1]) if alt and alt[1] else None
        return picture(image, sizes=BODY_SIZES, alt=words)

    return mark_safe(markup.PICTURE.sub(show, html))


@register.filter
def picture_url(image):
    """Address of the picture at its largest, from the root of the site."""
    return images.url(image)


@register.filter
def fallback_url(image):
    """Address of its JPEG, for share cards; from the root of the site."""
    return images.fallback_url(image)


@register.filter
def thumbnail_url(image):
    """Address of its smallest file, from the root of the site."""
    return images.thumbnail_url(image)
