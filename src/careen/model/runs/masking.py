"""Removal of likely secrets from command lines before they are stored.

Only common forms are recognised. A reference to a variable (`$TOKEN`) is not a secret and stays.
"""

import re
from collections.abc import Iterable

MASK = "***"
_NAMES = r"(?:token|key|secret|password|passwd)"
WORD = r"""(?:\\{0,4}"[^"\\]*\\{0,4}"|\\{0,4}'[^'\\]*\\{0,4}'|[^\s&;,'"\\]+)"""
_QUOTE = r"""\\{0,4}\""""  # also quoted inside a shell word, and in that word's repr()
# The value is the group `v`. No expression starts within a word: this avoids quadratic time.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # Authorization: Bearer …, Cookie: …, X-Api-Key: …
        rf"""(?<![\w-])(?:(?:proxy-)?authorization|cookie|x-[\w-]{{0,60}}{_NAMES})\s?[:=]\s?(?P<v>[^'"\\\r\n]+)""",
        # https://user:word@host, user:word@host
        r"""(?<![\w+.-])[\w+.-]+://[^\s/:@'"]*:(?P<v>[^\s/@'"]+)@""",
        r"""(?<![\w+.-])[\w+.-]+:(?P<v>[^\s/@'":]+)@(?!sha\d+:)\w""",
        # -u user:word
        r"""(?<!\S)(?:-u|--user)[\s=]['"]?[^\s:'"]+:(?P<v>[^\s'"]+)""",
        # api_key=…, PASSWORD='…', --token …
        rf"""{_NAMES}=(?P<v>{WORD})""",
        rf"""(?<!\S)--?(?:[a-z]+[_-]){{0,4}}(?:token|secret|password|passwd|api-?key)\s(?P<v>{WORD})""",
        # "password": "…"
        rf"""{_NAMES}{_QUOTE}\s?:\s?{_QUOTE}(?P<v>[^"\\]+)""",
    )
)
_OPENING = re.compile(r"""\A\\*['"]?""")
_OPTION = re.compile(
    r"--?(?:[a-z]+[_-]){0,4}(?:token|secret|password|passwd|api-?key)", re.IGNORECASE
)
_VARIABLE = re.compile(r"""['"]?(?:\w+\s)?\$\{?\w+\}?['"]?""")


def masked(text: str) -> str:
    """Return the text with `***` in place of likely secrets."""
    return without_values(text, _FORMS)


def without_values(text: str, forms: Iterable[re.Pattern[str]]) -> str:
    """Return the text with `***` in place of what the group `v` of each expression finds."""
    for form in forms:
        text = form.sub(_without_value, text)
    return text


def masked_words(words: Iterable[str]) -> tuple[str, ...]:
    """Return a command's words with likely secrets masked.

    The word after an option such as `--token` is masked whole.
    """
    out: list[str] = []
    secret = False
    for word in words:
        out.append(MASK if secret and not _VARIABLE.fullmatch(word) else masked(word))
        secret = _OPTION.fullmatch(word) is not None
    return tuple(out)


def _without_value(found: re.Match[str]) -> str:
    value = found["v"]
    if _VARIABLE.fullmatch(value.strip()):
        return found[0]
    opening = value[: len(value) - len(_OPENING.sub("", value, count=1))]
    closing = opening if len(value) > len(opening) and value.endswith(opening) else ""
    begin, end = (place - found.start() for place in found.span("v"))
    return f"{found[0][:begin]}{opening}{MASK}{closing}{found[0][end:]}"
