"""E-mail addresses and those of computers, as they are typed, mistyped and meant."""

from __future__ import annotations

import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# What fingers make of the providers that our readers have, as `name.ending`.
_MISSPELT = {
    "gmail.com": ("gmai", "gmal", "gmial", "gamil", "gmil", "gnail", "gmaill", "gmali", "gimail"),
    "hotmail.com": ("hotmai", "hotmal", "hotmial", "hotamil", "hotnail", "hotmil"),
    "outlook.com": ("outlok", "outloo", "outlock", "outllok", "oulook", "outook"),
    "yahoo.com": ("yaho", "yahho", "yhaoo", "yahooo"),
    "icloud.com": ("iclod", "icoud", "iclould", "icluod"),
    "foxmail.com": ("foxmai", "foxmial", "foxmal", "foxamil"),
    "qq.com": ("qqq",),
    "163.com": ("1633",),
    "126.com": (),
    "sina.com": (),
}
_ENDINGS = ("con", "cm", "cmo", "ocm", "vom", "xom", "comm", "coom", "clm")
MISTYPED = {
    **{f"{each}.com": right for right, wrong in _MISSPELT.items() for each in wrong},
    **{f"{right[:-3]}{ending}": right for right in _MISSPELT for ending in _ENDINGS},
    **{f"isu.{ending}": "isu.edu" for ending in ("ed", "eud", "deu", "edi", "eduu")},
}


def tidy(email: str) -> str:
    """The address as meant by who types it with a Chinese keyboard: ｌｉ＠ｑｑ。ｃｏｍ is li@qq.com.

    Compatibility forms are folded (Unicode's NFKC), which leaves no letter that only looks like
    another of the same address: the Kelvin sign is a K.
    """
    return unicodedata.normalize("NFKC", email).replace("。", ".").strip()


def can_get_mail(email: str) -> bool:
    """Whether mail servers everywhere take the part before the @: printable ASCII, no spaces."""
    name = email.rpartition("@")[0]
    return name.isascii() and name.isprintable() and " " not in name


def meant(email: str) -> str:
    """What was probably meant by an address at a domain that looks mistyped; else nothing."""
    name, _at, domain = email.rpartition("@")
    right = MISTYPED.get(domain.lower())
    return f"{name}@{right}" if right else ""


def is_at_one_of(email: str, domains: str) -> bool:
    """Whether an address is at one of some domains, or below one.

    Args:
        email: an address; that it is proven is the caller's business.
        domains: one domain in each line, as SiteSettings.trusted_domains. Case, a dot or @ in
            front, a dot behind and the two spellings of international names (RFC 5890) are one.
    """
    domain = _ascii(email.rpartition("@")[2])
    trusted = [_ascii(line) for line in domains.splitlines()]
    return any(domain == each or domain.endswith(f".{each}") for each in trusted if each)


def _ascii(domain: str) -> str:
    """A domain as DNS knows it; nothing if it is none."""
    try:
        return domain.strip().removeprefix("@").strip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def computer(address: str | None) -> str | None:
    """The address of somebody's computer as the database takes it; none behind some proxies."""
    ip = _ip(address)
    return str(ip) if ip else None


def network(address: str | None) -> IPv4Network | IPv6Network | None:
    """What one household or campus gateway has: an IPv4 address, or the /64 of an IPv6 one."""
    ip = _ip(address)
    if isinstance(ip, IPv6Address):
        return IPv6Network((int(ip) >> 64 << 64, 64))
    return IPv4Network(ip) if ip else None


def _ip(address: str | None) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(address or "")
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
