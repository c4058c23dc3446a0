"""Names of missing things in messages: test output, container logs, HTTP answers.

The texts are untrusted, so sizes are bounded and no pattern backtracks. A mention can only restore
what the original image has, since it is matched with removed paths elsewhere.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_HEAD = 64 << 10
MAX_TAIL = 448 << 10
MAX_LINE = 4096
MAX_MENTIONS = 500
MAX_TOTAL = 4 << 20
MAX_WORDS = 64

_NAME = r"[\w.+@~-]{1,255}"


@dataclass(frozen=True, slots=True)
class Mention:
    """Name of something missing, and the message, shortened.

    `kind` is `module` (Python, dotted), `distribution`, `library`, `command`, `class` (Java, with
    slashes), `node`, `ruby`, `suffix` (end of a path), `path` (absolute or relative), `word` (file
    name), `encoding`, `zone` or `locale`.
    """

    kind: str
    name: str
    line: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: str
    # lower-case literal that every match contains: a cheap test that rules out most lines
    trigger: str
    expression: re.Pattern[str]
    form: str = "{0}"


def _pattern(kind: str, trigger: str, expression: str, form: str = "{0}") -> _Pattern:
    return _Pattern(kind, trigger, re.compile(expression, re.IGNORECASE), form)


_PATTERNS = (
    _pattern("module", "no module named", r"no module named ['\"]?([\w.]{1,255})"),
    _pattern(
        "module",
        "cannot import name",
        r"cannot import name ['\"](\w{1,255})['\"] from (?:partially initialized module"
        r" )?['\"]([\w.]{1,255})",
        "{1}.{0}",
    ),
    _pattern(
        "module",
        "has no attribute",
        r"module ['\"]([\w.]{1,255})['\"] has no attribute ['\"](\w{1,255})",
        "{0}.{1}",
    ),
    _pattern(
        "distribution", "no package metadata", rf"no package metadata was found for ['\"]?({_NAME})"
    ),
    _pattern("distribution", "packagenotfounderror", rf"PackageNotFoundError: ['\"]?({_NAME})\s*$"),
    _pattern(
        "distribution",
        "distribution was not found",
        rf"['\"]({_NAME})[^'\"]{{0,80}}['\"] distribution was not found",
    ),
    _pattern("encoding", "unknown encoding", rf"unknown encoding: ['\"]?({_NAME})"),
    _pattern("zone", "no time zone found", r"no time zone found with key ['\"]?([\w/+-]{1,255})"),
    _pattern("locale", "cannot change locale", rf"cannot change locale \(({_NAME})"),
    _pattern(
        "library",
        "cannot open shared object",
        r"(?:^|[\s:'\"(])([^\s:'\"]{1,1024}): cannot open shared object file",
    ),
    _pattern(
        "library",
        "error loading shared library",
        r"error loading shared library ([^\s:'\"]{1,1024}):",
    ),
    _pattern(
        "library",
        "load",
        r"(?:could not|unable to|can't|cannot|failed to) load (?:the )?(?:dynamic |shared"
        r" )?library[ :]+['\"]?([^\s:'\",]{1,1024})",
    ),
    _pattern(
        "command",
        "not found",
        r"(?:^|[\s/])(?:sh|bash|dash|ash|zsh|ksh)[\w.]{0,8}: (?:line )?(?:\d{1,9}:"
        rf" )?({_NAME}): (?:command )?not found",
    ),
    _pattern(
        "command", "not found", rf": (?:line )?\d{{1,9}}: ({_NAME}): (?:command )?not found"
    ),  # a shell reports a script's name instead of its own
    _pattern("command", "command not found", rf"(?:^|[\s:/'\"])({_NAME}): command not found"),
    _pattern(
        "command",
        "executable file not found",
        rf"exec: ['\"]?({_NAME})['\"]?: executable file not found",
    ),
    _pattern(
        "command",
        "no such file or directory",
        rf"env: ['\"]?({_NAME})['\"]?: no such file or directory",
    ),
    _pattern(
        "command", "no such file or directory", rf"no such file or directory: b?['\"]({_NAME})['\"]"
    ),
    _pattern("command", "spawn", rf"spawn ({_NAME}) ENOENT"),
    _pattern("command", "cannot run program", rf"cannot run program ['\"]({_NAME})['\"]"),
    _pattern("node", "cannot find", r"cannot find (?:module|package) ['\"]([^'\"\s]{1,1024})['\"]"),
    _pattern(
        "class",
        "noclassdeffounderror",
        r"NoClassDefFoundError: (?:could not initialize class )?L?([\w./$]{1,512})",
    ),
    _pattern("class", "classnotfoundexception", r"ClassNotFoundException: ([\w./$]{1,512})"),
    _pattern("suffix", "can't locate", r"can't locate ([\w./-]{1,512}) in @INC"),
    _pattern("ruby", "cannot load such file", r"cannot load such file -- ([\w./-]{1,512})"),
    _pattern("word", "templatenotfound", r"TemplateNotFound: ['\"]?([^\s'\":]{1,512})"),
)

# In a line with one of these phrases, every path is a mention.
_MISSING = (
    "no such file", "not found", "notfound", "does not exist", "doesn't exist", "not a directory",
    "missing", "enoent", "unable to", "failed to", "cannot open", "can't open", "could not open",
    "couldn't open", "error opening", "cannot find", "can't find", "could not find",
    "couldn't find", "cannot load", "could not load", "error loading", "cannot access",
    "cannot stat", "cannot read", "not readable", "is not a file", "does not appear to have",
)  # fmt: skip
_QUOTED = re.compile(r"'([^']{1,4096})'|\"([^\"]{1,4096})\"")
_WORD = re.compile(r"[^\s'\"()\[\]{}<>,;|=]{2,4096}")
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', ord("`"): "'"}
_FILE_NAME = re.compile(r"[\w.+@~-]{0,200}\w\.[A-Za-z][\w-]{0,15}\Z")


def mentions(texts: Iterable[str]) -> tuple[Mention, ...]:
    """Return what the texts say is missing, each name once, in the order of the texts.

    At most 500. Reads the first 64 KiB and last 448 KiB of each text, 4 MiB in all, and the first
    4096 characters of each line. Takes linear time.
    """
    out: dict[tuple[str, str], Mention] = {}
    left = MAX_TOTAL
    for text in texts:
        left -= min(len(text), MAX_HEAD + MAX_TAIL)
        if left < 0:
            break
        for line in _lines(text):
            for kind, name in _of_line(line):
                out.setdefault((kind, name), Mention(kind, name, _shown(line)))
                if len(out) >= MAX_MENTIONS:
                    return tuple(out.values())
    return tuple(out.values())


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, with JSON and HTML escapes of line breaks and quotes resolved."""
    if len(text) > MAX_HEAD + MAX_TAIL:
        text = f"{text[:MAX_HEAD]}\n{text[-MAX_TAIL:]}"
    text = (
        text.replace("\\n", "\n")
        .replace('\\"', '"')
        .replace("\\'", "'")
        .replace("\\/", "/")
        .replace("\\u0027", "'")
    )
    for line in text.splitlines():
        cut = line[:MAX_LINE]
        yield (html.unescape(cut) if "&" in cut else cut).translate(_QUOTES)


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    lower = line.lower()
    for pattern in _PATTERNS:
        if pattern.trigger in lower:
            for match in pattern.expression.finditer(line):
                yield pattern.kind, pattern.form.format(*match.groups()).rstrip(".:")
    if any(word in lower for word in _MISSING):
        yield from _paths(line)


def _paths(line: str) -> Iterator[tuple[str, str]]:
    found = [next(filter(None, match.groups()), "") for match in _QUOTED.finditer(line)]
    found += [match.group().strip(":.!?") for match in _WORD.finditer(line)]
    for word in list(dict.fromkeys(found))[:MAX_WORDS]:
        text = word.removeprefix("file://")
        if "://" in text or "\0" in text:
            continue
        if "/" in text.strip("/"):
            yield "path", text.partition(":")[0] if text.startswith("/") else text
        elif text.startswith("/") and len(text) > 1:
            yield "path", text.partition(":")[0]
        elif _FILE_NAME.match(text):
            yield "word", text


def _shown(line: str) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in line).split())
    # about one line of a terminal
    return text if len(text) <= 160 else f"{text[:157]}…"  # noqa: PLR2004
