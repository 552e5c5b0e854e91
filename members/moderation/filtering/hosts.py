"""The hosts that a text names, however it spells them, and whose they are."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from publicsuffixlist import PublicSuffixList

from caisu.core.models import SiteSettings

# Looked for in folded text. Without a scheme only what ends as domains do is one: "Dr.Li" is none.
SCHEME = re.compile(
    r"(?:https?|hxxps?|ftp):?[/\\]{2}([^\s/\\?#<>\"'，。；！？、（）《》【】「」“”|\]]{3,253})"
)
# "example . com", "example dot com", "example点com"; at most eight parts before the ending.
_DOT = r"[ ]?(?:[\[(](?:dot|\.|点)[\])]| dot |点|。)[ ]?| \. ?"
DOT = re.compile(_DOT)
SPELLED = re.compile(
    rf"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?(?:\.|{_DOT})){{1,8}}"
    r"(?:com|net|org|cn|top|xyz|info|biz|shop|store|vip|club|site|online|link|live|pro|io|me|cc|ru"
    r"|app|tk|ml|win|bid|loan|work|fun|icu|cyou|tw|hk|us|uk|eu|co|tv|ws|example)(?![\w-])"
)
# Under any ending that there is, with "www." in front or a path behind: main.py is a file, bit.ly/x
# none. In other alphabets too.
ANY = re.compile(
    r"(?<![\w@./\\-])(?:www\.[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.(?:[a-z]{2,18}(?=/\w)|рф|中国|中國|公司|网络|网址|在线|商城))(?![\w-])"
)
# They belong to nobody (RFC 2606, section 3): what stands before them does.
RESERVED = ("example.com", "example.net", "example.org")
# What no host has, whoever asks: a NUL would be refused by the database.
NO_HOST = re.compile(r"[^\w.-]")
MOST = 200  # hosts of one text; more say nothing more


@cache
def _suffixes() -> PublicSuffixList:
    """Mozilla's list of suffixes under which anybody can register, as the package brings it."""
    return PublicSuffixList()


def normal(host: str) -> str:
    """A host as it is kept and compared: small letters, IDNA, no port, no dot at the end."""
    host = NO_HOST.sub("", host.rpartition("@")[2].partition(":")[0]).strip(".").lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def registered(host: str) -> str:
    """The part of ``host`` that somebody registered: ``a.b.example.co.uk`` → ``example.co.uk``.

    A host that is itself a suffix, or a number, is its own.
    """
    if re.fullmatch(r"[\d.]+", host):
        return host
    if any(host.endswith(f".{reserved}") for reserved in RESERVED):
        return ".".join(host.split(".")[-3:])
    return _suffixes().privatesuffix(host) or host


def is_at(host: str, domain: str) -> bool:
    """Whether ``host`` is ``domain`` or below it; ``evil-site.example`` is not at ``site.example``."""
    return host == domain or host.endswith(f".{domain}")


def found_in(folded: str) -> list[str]:
    """Hosts in a folded text, each once, in their order; at most MOST."""
    found = [normal(match[1]) for match in SCHEME.finditer(folded)]
    rest = SCHEME.sub(" ", folded)
    found += [normal(DOT.sub(".", match[0])) for match in SPELLED.finditer(rest)]
    found += [host for match in ANY.finditer(rest) if _has_ending(host := normal(match[0]))]
    return [host for host in dict.fromkeys(found) if "." in host][:MOST]


def _has_ending(host: str) -> bool:
    """Whether the last part of a host is one under which anybody registers, on the list."""
    return _suffixes().publicsuffix(host, accept_unknown=False) is not None


def strange_in(folded: str) -> list[str]:
    """Of the hosts in a folded text those that are neither ours nor at a domain that we know."""
    found = found_in(folded)
    if not found:
        return []
    known = [normal(each) for each in SiteSettings.load().trusted_domains.split()]
    ours = normal(urlsplit(settings.SITE_URL).netloc)
    return [
        host
        for host in found
        if host != ours and not any(is_at(host, domain) for domain in known if domain)
    ]
