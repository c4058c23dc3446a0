"""Texts of an image without the secrets that they may hold, for evidence that is passed on."""

import re

from careen.compliance.secrets.marks import whole_tokens
from careen.model.runs.masking import MASK, WORD, masked, without_values

_BEGIN = re.compile(r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY", re.IGNORECASE)
_END = re.compile(r"-----END[^-]{0,60}(?:-----)?", re.IGNORECASE)
_NAMES = r"(?:pass|passphrase|pwd|auth|credentials?)"
# Wider than for the commands of workloads: `-p` has other meanings there.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # DB_PASS=…, _auth=…
        rf"""{_NAMES}=(?P<v>{WORD})""",
        # "auth": "…"
        rf"""{_NAMES}\\{{0,4}}["']\s?:\s?\\{{0,4}}["'](?P<v>[^"'\\]+)""",
        # --pass …
        rf"""(?<!\S)--?(?:[a-z]+[_-]){{0,4}}{_NAMES}\s(?P<v>{WORD})""",
        # docker login -p …, but no path, no port, and no folder
        rf"""(?<!mkdir )(?<!\S)-p[\s=](?![/.~$-]|\d{{1,5}}(?::\d{{1,5}})?(?!\S))(?P<v>{WORD})""",
        # mysql -p…
        rf"""\b(?:mysql|mysqladmin|mysqldump|mariadb|sshpass|7z|zip|unzip)\s(?:[^;&|\s]{{1,80}}\s){{0,9}}-p(?P<v>{WORD})""",
    )
)


def hidden(text: str) -> str:
    """Return a text with `***` in place of likely secrets: values of telling names, tokens, keys.

    A private key is hidden to its last line, or to the end of the text without one. Cut a text only
    after this: the beginning of a secret is not known for one.
    """
    named = without_values(masked(_without_keys(text)), _FORMS)
    data = named.encode("utf-8", "surrogateescape")
    return whole_tokens().sub(MASK.encode(), data).decode("utf-8", "surrogateescape")


def shortened(text: str, most: int) -> str:
    """Return the first `most` characters of a text without likely secrets."""
    return hidden(text)[:most]


def _without_keys(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (begin := _BEGIN.search(text, at)) is not None:
        end = _END.search(text, begin.end())
        parts += [text[at : begin.start()], MASK]
        at = len(text) if end is None else end.end()
    return "".join((*parts, text[at:]))
