"""Marks of secrets: what makes a part of a file worth a look by the scanner.

One expression is read over all bytes of an image by RE2, which takes linear time. It is wider than
the scanner's rules: it only chooses what they see.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Protocol

_KEY = rb"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY"

# Beginnings that services give their tokens.
_TOKENS = (
    rb"(?:A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    rb"gh[pousr]_[0-9A-Za-z]{20}",
    rb"github_pat_[0-9A-Za-z]{20}",
    rb"gl(?:pat|ptt|dt|rt|cbt|soat)-[0-9A-Za-z_-]{16}|GR1348941[0-9A-Za-z_-]{16}",
    rb"xox[abeoprs]-[0-9A-Za-z]|xapp-[0-9]|hooks\.slack\.com/[a-z]",
    rb"AIza[0-9A-Za-z_-]{30}|GOCSPX-[0-9A-Za-z_-]{16}",
    rb"eyJ[0-9A-Za-z_-]{12,200}\.eyJ|eyJrIjoi|gl(?:c|sa)_[0-9A-Za-z]{16}",
    rb"[rs]k_(?:live|test)_[0-9A-Za-z]{10}|whsec_[0-9A-Za-z]{16}",
    rb"sk-(?:proj-|ant-|or-|svcacct-)?[0-9A-Za-z_-]{20}",
    rb"hf_[A-Za-z]{30}|api_org_[A-Za-z]{30}|r8_[0-9A-Za-z]{30}|gsk_[0-9A-Za-z]{30}|nvapi-",
    rb"npm_[0-9A-Za-z]{30}|pypi-AgE|rubygems_[0-9a-f]{30}|dckr_pat_",
    rb"do[opr]_v1_[0-9a-f]{16}|hv[bs]\.[0-9A-Za-z_-]{20}|\.atlasv1\.|pul-[0-9a-f]{30}",
    rb"SG\.[0-9A-Za-z_-]{16}|key-[0-9a-f]{32}|SK[0-9a-f]{32}|xkeysib-|sha?pp?(?:at|ca|pa|ss)_",
    rb"dapi[0-9a-f]{32}|dp\.pt\.|lin_api_|PMAK-|pscale_|AGE-SECRET-KEY-1|shippo_|tfp_[0-9A-Za-z]",
    rb"machine\s{1,8}\S{1,90}\s{1,8}login\s{1,8}\S{1,90}\s{1,8}password\s",
    rb"://[^\s:@/]{1,40}:[^\s:@/]{4,40}@[0-9a-z]",
)

# A name such as `api_key`, and a value behind `=` or `:`.
_ASSIGNED = (
    rb"(?:key|api|token|secret|client|passwd|password|auth|access|credential)"
    rb"[0-9a-z_\t .-]{0,20}['\"\s|]{0,3}[=>:]['\"\s=>`|]{0,5}[0-9a-z_.=/+-]{10}"
)
_MEMORY = 128 << 20  # of the automaton; with less, RE2 builds it again and again
LONGEST = 256
"""Bytes of the longest match: what two pieces of a file must share so that none is missed."""


class Marks(Protocol):
    """The part of a compiled expression that is used; the library has no types."""

    def finditer(self, text: bytes) -> Iterator[Any]:
        """Yield the matches."""

    def sub(self, repl: bytes, text: bytes) -> bytes:
        """Return `text` with each match replaced."""


@cache
def marks() -> Marks:
    """Return the expression of all marks."""
    return _compiled(b"|".join((_KEY, *_TOKENS, _ASSIGNED)))


@cache
def whole_tokens() -> Marks:
    """Return the expression of tokens alone, each to its end."""
    return _compiled(rb"(?:" + b"|".join((_KEY, *_TOKENS)) + rb")[^\s'\",;]*")


def _compiled(text: bytes) -> Marks:
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = False
    options.max_mem = _MEMORY
    options.log_errors = False
    compiled: Marks = re2.compile(text, options)
    return compiled


def is_key(mark: bytes) -> bool:
    """Return whether a mark begins a private key, which goes on for many lines."""
    return mark.startswith(b"-----")
