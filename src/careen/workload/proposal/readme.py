"""The curl lines of a README, as tests of a service."""

import re
import shlex
from dataclasses import dataclass
from urllib.parse import urlsplit

_FENCE = re.compile(r"^(?: {0,3})(```|~~~)", re.MULTILINE)
_PROMPT = re.compile(r"^\s*(?:[$#>]\s+)?")
_URL = re.compile(r"(?:https?://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{1,5})\b")
MOST = 20
# What a line may say; all others may write files, or read options from them. A value that begins
# with @ names a file, so it is refused.
_ALONE = ("-s", "-S", "-f", "-i", "-v", "-k", "-L", "-N", "-G", "-I", "--silent", "--fail")
_ALONE_LONG = ("--include", "--verbose", "--location", "--no-buffer", "--get", "--head")
_WITH = ("-X", "--request", "-H", "--header", "-d", "--data", "--data-raw", "--data-binary")
_WITH_LONG = ("-m", "--max-time", "--retry", "--data-urlencode", "--json", "-A", "--user-agent")


@dataclass(frozen=True, slots=True)
class CurlLine:
    """One curl line: the port of the service, the test, or why it is none ("" if it is one)."""

    port: int
    command: str
    trouble: str = ""


def curl_lines(text: str) -> tuple[CurlLine, ...]:
    """Return the curl lines in the code blocks of a Markdown text, without repetitions."""
    blocks = _FENCE.split(text)[2::4]  # text, fence, code, fence, text, …
    lines = (
        _PROMPT.sub("", line, count=1).strip()
        for block in blocks
        for line in re.sub(r"\\\n\s*", " ", block).splitlines()
    )
    found = (_read(line) for line in lines if line.startswith("curl "))
    return tuple(dict.fromkeys(line for line in found if line is not None))[:MOST]


def _read(line: str) -> CurlLine | None:
    """Return the line as a test with $BASE_URL, or None if it asks no port of this machine."""
    found = _URL.search(line)
    if found is None:
        return None
    port = int(found[1])
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError as error:
        return CurlLine(port, line, f"cannot be read as a command line ({error})")
    trouble = _trouble(words)
    return CurlLine(port, line if trouble else _command(words), trouble)


def _trouble(words: list[str]) -> str:
    """Return why the words are no test that careen writes by itself, or ""."""
    if any(set(word) <= set("|&;<>()") for word in words):
        return "is more than one command"
    if any("$" in word or "`" in word or re.search(r"<[^<>\s]+>", word) for word in words):
        return "has a placeholder or a variable: fill it in"
    rest = iter(words[1:])
    places: list[str] = []
    for word in rest:
        if not word.startswith("-"):
            places.append(word)
        elif word in _WITH or word in _WITH_LONG:
            value = next(rest, "")
            if value.startswith("@") or (word == "--data-urlencode" and "@" in value):
                return f"sends a file ({word} {value})"
        elif not (
            word in _ALONE
            or word in _ALONE_LONG
            or re.fullmatch(r"-(?:[sSfivkLNGI]+|X[A-Z]+)", word)
        ):
            return f"has the option {word}, which careen does not pass on"
    if len(places) != 1 or not _URL.match(places[0]):
        return "asks another address than that of the service"
    return ""


def _command(words: list[str]) -> str:
    out = ["curl", "-fsS"]
    for word in words[1:]:
        found = _URL.match(word)
        if found is None:
            out.append(shlex.quote(word))
            continue
        parts = urlsplit(word if "//" in word else f"http://{word}")
        rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        out.append(f'"$BASE_URL"{shlex.quote(rest)}')
    return " ".join(out)
