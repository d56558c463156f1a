"""Addresses that letters are written to: in a form that no mail program can read in two ways.

An account is as safe as the mailbox its letters reach, and the domain of an address stands for a company in
single sign-on. So what a header could take for a list, a comment or an encoded word is no address here.
"""

import re

_MAX_CHARS = 254
# RFC 5321's dot-string, but for "=" and "?", which begin an encoded word.
_ATOM = r"[a-z0-9!#$%&'*+/^_`{|}~-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"({_LOCAL})@(?:localhost|(?:{_LABEL}\.)+{_LABEL})")
_MAX_LOCAL_CHARS = 64


def mail_address(text: str) -> str:
    """In lower case; raises ValueError."""
    plain = text.strip().lower()
    match = _ADDRESS.fullmatch(plain) if len(plain) <= _MAX_CHARS else None
    if match is None or len(match[1]) > _MAX_LOCAL_CHARS:
        raise ValueError("must be one plain e-mail address")
    return plain
