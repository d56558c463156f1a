"""What a tenant may set up for single sign-on, and where a sign-in may lead back to."""

import re
from collections.abc import Iterable

# Nobody's own: an address there says nothing about where somebody works.
_PUBLIC = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.com.tw icloud.com
me.com proton.me protonmail.com gmx.com gmx.net mail.com qq.com 163.com 126.com foxmail.com
hinet.net msa.hinet.net seed.net.tw pchome.com.tw yandex.com zoho.com aol.com fastmail.com
"""
_PUBLIC_PROVIDERS = frozenset(_PUBLIC.split())
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def is_domain(text: str) -> bool:
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


def unproven(wanted: Iterable[str], known: Iterable[str], email: str) -> list[str]:
    """Domains that whoever signs in with `email` may not add to those known: not theirs, or everybody's."""
    provable = {domain_of(email)} - _PUBLIC_PROVIDERS
    return sorted(set(wanted) - set(known) - provable)


def own_path(path: str) -> str:
    """A path of our own pages to go back to; "/" for anything that could lead elsewhere."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if plain and path.isascii() else "/"
