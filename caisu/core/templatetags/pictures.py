"""How pictures stand in a page: ``{% picture cover sizes="…" %}``, ``{{ body|richtext }}``."""

import re

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import mark_safe
from django.utils.translation import pgettext

from caisu.core import images, markup
from caisu.core.models import Image

register = template.Library()

# Full width on a phone, the measure of a text on anything wider.
BODY_SIZES = "(min-width: 45rem) 44rem, 100vw"
# nh3 writes these two without attributes, and all tags in small letters.
FIGURE = re.compile(r"<figure>((?:(?!</?figure>).)*)</figure>", re.DOTALL)
CAPTION = re.compile(r"<(small|figcaption)>.*?</\1>", re.DOTALL)
LEFT_EMPTY = re.compile(r"<(p|a|li|ul|ol)(?: [^>]*)?>\s*</\1>")
LINK = re.compile(r'<a((?: [a-z]+="[^"]*")*)>')
LINKED = re.compile(r"<a .*?</a>", re.DOTALL)
REL = re.compile(r' rel="[^"]*"')
SRC = re.compile(r' src="([^"]*)"')
ALT = re.compile(r' alt="([^"]*)"')
# As picture() writes it; the last address of its srcset is the largest.
SHOWN = re.compile(
    r'<picture><source type="image/webp" srcset="[^"]*?([^" ]+) [0-9]+w" .*?</picture>'
)


@register.simple_tag
def picture(image, sizes="100vw", eager=False, alt=None, keyed=None):
    """A picture in the size that the screen needs, with room kept for it before it comes.

    Args:
        image: a core.Image, or None for nothing.
        sizes: how wide it will be shown, as in HTML.
        eager: for what is in sight at once; other pictures are fetched when they come near.
        alt: instead of its own description; empty where the text beside it says the same.
        keyed: for a preview: its addresses open it to whoever reads the page, for a day from this
            moment.
    """
    if image is None:
        return ""
    key = images.preview_key(image.token, keyed) if keyed else ""
    # A colour in a style attribute would break the policy; the style sheet reads data-colour.
    return format_html(
        '<picture><source type="image/webp" srcset="{}" sizes="{}">'
        '<img src="{}" width="{}" height="{}" alt="{}" data-colour="{}"{}></picture>',
        images.srcset(image, key),
        sizes,
        images.fallback_url(image, key),
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
    return mark_safe(_with_pictures(html))


@register.filter
def richtext_keyed(html, since):
    """The same for a preview: whoever reads the page may fetch its pictures, for a day from ``since``."""
    return mark_safe(_with_pictures(html, keyed=since))


@register.filter
def members_richtext(html):
    """The same for what a member wrote: its links give no credit to where they lead."""
    html = _with_pictures(html)
    return mark_safe(LINK.sub(lambda link: f'<a{REL.sub("", link[1])} rel="{markup.REL}">', html))


@register.filter
def opening(html):
    """HTML with pictures, each of which leads to its largest file, unless it is in a link already."""

    linked = [link.span() for link in LINKED.finditer(html)]

    def link(match):
        while linked and linked[0][1] <= match.start():
            del linked[0]
        if linked and linked[0][0] < match.start():
            return match[0]
        has_words = ALT.search(match[0])[1].strip()
        label = pgettext("a picture without a description", "See the picture in full")
        return format_html(
            '<a class="full" href="{}"{}>{}</a>',
            mark_safe(match[1]),
            "" if has_words else format_html(' aria-label="{}"', label),
            mark_safe(match[0]),
        )

    return mark_safe(SHOWN.sub(link, html))


def _with_pictures(html, keyed=None):
    tokens = images.in_html(html)
    if not tokens:
        return html
    found = {image.token: image for image in Image.objects.filter(token__in=tokens)}

    def shown(match):
        """The picture that an ``<img>`` stands for, or None."""
        src = SRC.search(match[1])
        ours = markup.OUR_PICTURE.fullmatch(src[1]) if src else None
        return found.get(ours[1]) if ours else None

    def show(match):
        alt = ALT.search(match[1])
        # The editor's words for this place go before those of the picture; escaped already.
        words = mark_safe(alt[1]) if alt and alt[1] else None
        return picture(shown(match), sizes=BODY_SIZES, alt=words, keyed=keyed)

    def figure(match):
        """A figure, or nothing where all of it but words about its picture is gone."""
        pictures = list(markup.PICTURE.finditer(match[1]))
        rest = strip_tags(CAPTION.sub("", match[1])).strip()
        if pictures and not rest and not any(map(shown, pictures)):
            return ""
        return match[0]

    if len(found) < len(tokens):
        html = FIGURE.sub(figure, html)
        html = markup.PICTURE.sub(lambda match: match[0] if shown(match) else "", html)
        while (emptied := LEFT_EMPTY.sub("", html)) != html:
            html = emptied
    return markup.PICTURE.sub(show, html)


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
