"""Collections of commands: an allow-list, a table of tools, an Enum.

A program that holds one starts the command that it is asked for.
"""

import re
from collections.abc import Container, Iterable, Iterator
from itertools import chain

from careen.plan.scanners.commands.words import WORDS

MAX_TEXT = 4 << 20
_ENOUGH = 3
_UNMISTAKABLE = 2
_GAP = 600  # characters between two entries of one table
_THINNEST = 8  # one word in so many must be a command; English text has some, too
_MAX_WORDS = 400
_NAME = rb"(?:/[\w./+-]{1,200}/)?[A-Za-z0-9_][\w.+-]{0,63}"
_QUOTED = re.compile(rb"[\"'`]([^\"'`\n]{1,600})[\"'`]")
_WHOLE = re.compile(rb"(?:" + _NAME + rb")\Z")
_BARE_KEY = re.compile(
    rb"(?:^[ \t]*|[{(,]\s{0,40})([A-Za-z_][\w-]{0,63})[ \t]*(?::(?!:)|=(?!=))", re.MULTILINE
)
_CONFIGURED = re.compile(
    rb"^[ \t]*-[ \t]+(?P<item>" + _NAME + rb")[ \t]*(?:#[^\n]*)?$"
    rb"|^[ \t]*(?:-[ \t]+)?[\w.-]{1,64}[ \t]*[:=][ \t]*(?P<value>"
    + _NAME
    + rb")[ \t]*(?:[#;][^\n]*)?$"
    rb"|^\[{1,2}[\w.\" -]{0,100}?(?P<header>[A-Za-z0-9_][\w+-]{0,63})\"?\]{1,2}"
    rb"|^(?P<line>" + _NAME + rb")\r?$",
    re.MULTILINE,
)
_LISTED = re.compile(rb"[:=][ \t]*([A-Za-z0-9_/][^\"'\n]{1,600}+)$", re.MULTILINE)
# YAML needs no quotes between brackets, and no list ends with its line
_FLOW = re.compile(rb"\[([\w./+,\- \t\r\n]{1,4000}+)\]")
_COMMENT = re.compile(rb"(^[ \t]{0,200}|,[ \t]{0,200})(?:#|//)[^\n]*", re.MULTILINE)
_JOINED = re.compile(rb"\"\s{0,80}\+?\s{0,80}\"|'\s{0,80}\+?\s{0,80}'")
_OF_A_PROGRAM = re.compile(
    rb"(?i:tool|command|cmd|program|binary|executable|converter|renderer|editor|pager)[\"']?"
    rb"[ \t]{0,20}[:=][ \t]{0,20}[\"']?(" + _NAME + rb")"
    rb"(?=[\"']?[ \t]{0,20}(?:[,}\])#;\n]|\Z))"
)
_TO_A_RUNNER = re.compile(
    rb"partial\(\s{0,80}[\w.]{0,60}(?:run|call|exec|spawn|popen|start)\w{0,30},\s{0,80}[\"']("
    + _NAME
    + rb")[\"']",
    re.IGNORECASE,
)
_BLOCK = (b'"""', b"'''", b"`")
_SEPARATED = re.compile(rb"[\w./+-]{1,200}")

_OPENING = (b"[", b"(", b"{")
_CLOSING = (b"]", b")", b"}")

Occurrence = tuple[int, str, str]  # position, form, word


def commands_in_tables(source: bytes, known: Container[str]) -> frozenset[str]:
    """Return the commands of the collections in a source.

    A collection is words of one form (keys, items, values) near each other. At least three must be
    commands, two of them not English words. A list of nothing but commands needs two, and one text
    may be the list. Literals that are joined (`"pdf" "toppm"`) also count as one.
    """
    return _tables(source, known, configuration=False)


def commands_in_whole_lists(source: bytes, known: Container[str]) -> frozenset[str]:
    """Return the commands of the lists, sets and arguments in a source that hold nothing else.

    At least three must be commands, two of them not English words.
    """
    plain = _COMMENT.sub(rb"\1", source[:MAX_TEXT])
    return frozenset(
        word for group in _whole_groups(plain, known) if is_table(group) for word in group
    )


def commands_in_configured_tables(text: bytes, known: Container[str]) -> frozenset[str]:
    """Return the same of a configuration (TOML, YAML, INI, JSON, one word per line)."""
    return _tables(text, known, configuration=True)


def joined(source: bytes) -> bytes:
    """Return a source with adjacent literals joined, also those with a plus between them."""
    return _JOINED.sub(b"", source)


def called_programs(text: bytes, known: Container[str]) -> frozenset[str]:
    """Return the commands that are named as a program (`"tool": "file"`, `command: rev`).

    Also those that `partial` binds to a runner. English words count.
    """
    found = (
        _decoded(word)
        for pattern in (_OF_A_PROGRAM, _TO_A_RUNNER)
        for word in pattern.findall(text[:MAX_TEXT])
    )
    return frozenset(word for word in found if _is_known(word, known))


def commands_in_list(text: str, known: Container[str]) -> frozenset[str]:
    """Return the commands of a text that lists commands, with spaces, commas or bars between."""
    return frozenset(_of_list(text.encode("utf-8", "replace"), known))


def _tables(text: bytes, known: Container[str], *, configuration: bool) -> frozenset[str]:
    plain = _COMMENT.sub(rb"\1", text[:MAX_TEXT])
    found: set[str] = set()
    for each in (plain, *(() if configuration else (joined(plain),))):
        found |= _of_whole(each, known)
        by_form: dict[str, list[Occurrence]] = {}
        listed = (match.group(1) for match in _QUOTED.finditer(each))
        blocks = (block for quote in _BLOCK for block in each.split(quote)[1::2])
        lists = chain(_LISTED.findall(each), _FLOW.findall(each)) if configuration else ()
        for words in chain(listed, blocks, lists):
            found |= _of_list(words, known)
        for occurrence in chain(
            _quoted(each), _configured(each) if configuration else (), _bare(each)
        ):
            by_form.setdefault(occurrence[1], []).append(occurrence)
        for form, occurrences in by_form.items():
            found |= _of_cluster(occurrences, known, _ENOUGH if form == "bare" else _UNMISTAKABLE)
    return frozenset(found)


def _of_whole(text: bytes, known: Container[str]) -> set[str]:
    """Return the commands of lists, sets and arguments that hold nothing else.

    Two are enough if one is not an English word.
    """
    return {word for group in _whole_groups(text, known) for word in _two(group)}


def _whole_groups(text: bytes, known: Container[str]) -> Iterator[list[str]]:
    """Yield the words of each list, set or arguments that hold nothing but commands."""
    group: list[str] = []
    whole, last = False, 0
    for match in _QUOTED.finditer(text):
        between = text[last : match.start()].strip()[:2] if match.start() - last <= _GAP else b"\0"
        if between != b"," or not group:
            if between == b",":
                whole = False
            else:
                if whole and text[last : last + _GAP].lstrip(b" \t\r\n,")[:1] in _CLOSING:
                    yield group
                group, whole = (
                    [],
                    text[max(0, match.start() - _GAP) : match.start()].rstrip()[-1:] in _OPENING,
                )
        word = _decoded(match.group(1))
        whole = whole and _is_known(word, known)
        group.append(word)
        last = match.end()
    if whole and text[last : last + _GAP].lstrip(b" \t\r\n,")[:1] in _CLOSING:
        yield group


def _two(group: list[str]) -> list[str]:
    distinct = {word.rpartition("/")[2] for word in group}
    return group if len(distinct) > 1 and distinct - WORDS else []


def _of_list(words: bytes, known: Container[str]) -> set[str]:
    """Return the commands of a text that is a list: at least half of its words are commands."""
    if len(words) > _GAP * _ENOUGH * _THINNEST:
        return set()
    parts = [_decoded(word) for word in _SEPARATED.findall(words)[:_MAX_WORDS]]
    commands = [word for word in parts if _is_known(word, known)]
    return (
        set(commands)
        if len(parts) >= _ENOUGH and 2 * len(commands) >= len(parts) and is_table(commands)
        else set()
    )


def _of_cluster(
    occurrences: Iterable[Occurrence], known: Container[str], unmistakable: int
) -> set[str]:
    found: set[str] = set()
    commands: list[str] = []
    seen, last = 0, 0
    for at, _, word in chain(sorted(occurrences), ((-1, "", ""),)):
        if at < 0 or (commands and at - last > _GAP):
            if is_table(commands, unmistakable) and len(commands) * _THINNEST >= seen:
                found.update(commands)
            commands, seen = [], 0
        if _is_known(word, known):
            commands.append(word)
            last = at
        seen += bool(commands)
    return found


def is_table(commands: Iterable[str], unmistakable: int = _UNMISTAKABLE) -> bool:
    """Return whether commands near each other are a collection.

    At least three must differ, and `unmistakable` of them must not be English words.
    """
    distinct = {word.rpartition("/")[2] for word in commands}
    return len(distinct) >= _ENOUGH and len(distinct - WORDS) >= unmistakable


def _is_known(word: str, known: Container[str]) -> bool:
    return word in known or (word.startswith("/") and word.rpartition("/")[2] in known)


def _quoted(text: bytes) -> Iterator[Occurrence]:
    for match in _QUOTED.finditer(text):
        if _WHOLE.match(match.group(1)):
            yield match.start(), _form(text, match.start(), match.end()), _decoded(match.group(1))


def _form(text: bytes, start: int, end: int) -> str:
    """Return the role of a literal in its collection: value, key, item or other."""
    before = text[max(0, start - 100) : start].rstrip(b" \t\r\n")
    if before[-1:] in b"frbuFRBU" and before[-2:-1] in b"{[(,=: ":
        before = before[:-1].rstrip(b" \t\r\n")
    after = text[end : end + 20].lstrip(b" \t\r\n")
    if before[-1:] in (b"=", b":"):
        return "value"
    if after[:1] == b":" or after[:2] == b"=>":
        return "key"
    return "item" if before[-1:] in (b"{", b"[", b"(", b",") else "other"


def _configured(text: bytes) -> Iterator[Occurrence]:
    for match in _CONFIGURED.finditer(text):
        form = match.lastgroup or ""
        yield match.start(form), form, _decoded(match.group(form))


def _bare(text: bytes) -> Iterator[Occurrence]:
    for match in _BARE_KEY.finditer(text):
        yield match.start(1), "bare", _decoded(match.group(1))


def _decoded(word: bytes) -> str:
    return word.decode("utf-8", "replace")
