"""Lists of entries in YAML: reading them with their lines, and changing them in place.

Comments and everything else in the file stay as they are.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from careen.errors import ConfigError
from careen.formats.yaml_subset import load_subset
from careen.formats.yaml_writer import PlainDumper
from careen.triage.ignore.rule import MAX_RULES

_DEEPEST = 20
_MOST = 10 * MAX_RULES  # values and keys of a file; an entry of 84 bytes, its share, has 9
_OTHER_ENDS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")  # of lines, for YAML 1.1
_BY_HAND = "careen changes only lists with one `- ` per entry; change it by hand"


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file as read: its value, its node, None for an empty file, and its lines."""

    name: str
    value: Any
    node: yaml.Node | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: its number in the list, `name:line`, and its members."""

    place: int
    where: str
    value: Mapping[str, Any]


def read_yaml_file(data: bytes, name: str) -> YamlFile:
    """Read a file. Raises ConfigError if it is not YAML of the kind that JSON can express."""
    try:
        text = data.decode("utf-8-sig")
        _check_line_ends(text)
        value, node = load_subset(text.encode(), _DEEPEST, _MOST)
    except ValueError as error:
        msg = f"{name}: {error}"
        raise ConfigError(msg) from error
    return YamlFile(name, value, node, tuple(text.split("\n")))


def _check_line_ends(text: str) -> None:
    """Raise ValueError for a line that does not end as editors count: the places would be wrong."""
    found = _OTHER_ENDS.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        msg = (
            f"line {line} has U+{ord(found[0]):04X}, which ends a line in YAML; end lines with a"
            ' line feed, and write the character as an escape in "…"'
        )
        raise ValueError(msg)


def items_of(file: YamlFile, key: str) -> Iterator[Item]:
    """Yield the entries of the list at a key of the file, or of the file itself if `key` is "".

    Raises ConfigError if it is something else, or has more than MAX_RULES entries.
    """
    node = _list_node(file, key)
    value = file.value if not key else (file.value or {}).get(key)
    if value is None:
        return
    if not isinstance(value, list) or node is None:
        msg = f"{file.name}: {key or 'the file'}: expected a list, got {type(value).__name__}"
        raise ConfigError(msg)
    if len(value) > MAX_RULES:
        msg = f"{file.name}: more than the {MAX_RULES} rules that are read of such a file"
        raise ConfigError(msg)
    for place, (each, its) in enumerate(zip(value, node.value, strict=True)):
        where = f"{file.name}:{its.start_mark.line + 1}"
        if not isinstance(each, dict) or not all(isinstance(name, str) for name in each):
            msg = f"{where}: expected an entry with named values, got {str(each)[:80]!r}"
            raise ConfigError(msg)
        yield Item(place, where, each)


def _pair(file: YamlFile, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    if not isinstance(file.node, yaml.MappingNode):
        return None
    return next((pair for pair in file.node.value if pair[0].value == key), None)


def _line_of(file: YamlFile, key: str, spellings: Collection[str]) -> int:
    """Return the line of a key. Raises ConfigError if it is spelled in none of these ways."""
    pair = _pair(file, key)
    at = 0 if pair is None else pair[0].start_mark.line
    if pair is None or file.lines[at].partition("#")[0].strip() not in spellings:
        raise _by_hand(file)
    return at


def _list_node(file: YamlFile, key: str) -> yaml.Node | None:
    if not key:
        return file.node
    pair = _pair(file, key)
    return None if pair is None else pair[1]


def with_items(file: YamlFile, key: str, entries: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the file with entries at the end of a list, which is made if it is not there.

    Raises ConfigError for a list that is written in another way than one `- ` per entry.
    """
    lines, node = list(file.lines), _list_node(file, key)
    if isinstance(node, yaml.SequenceNode) and node.value:
        spans = _spans(file, node)
        indent = lines[spans[-1][0]].index("-")
        at = spans[-1][1]
        return _joined([*lines[:at], *_written(entries, indent), *lines[at:]])
    if not key:
        kept = [line for line in lines if line.strip() and line.strip() not in {"[]", "---"}]
        if not all(line.lstrip().startswith("#") for line in kept):
            raise _by_hand(file)
        return _joined([*kept, *_written(entries, 0)])
    if _pair(file, key) is None:
        if file.node is not None and (file.value is not None and _is_flow(file.node)):
            raise _by_hand(file)
        return _joined([*_trimmed(lines), f"{key}:", *_written(entries, 2)])
    at = _line_of(file, key, (f"{key}:", f"{key}: []", f"{key}: null"))
    opened = _key_line(lines[at], f"{key}:")
    return _joined([*lines[:at], opened, *_written(entries, 2), *lines[at + 1 :]])


def without_items(file: YamlFile, key: str, places: Collection[int]) -> bytes:
    """Return the file without some entries of a list, and their own comments.

    A comment directly above an entry goes with it, if no other entry follows directly: there it
    may be about both. Raises ConfigError as `with_items` does.
    """
    node = _list_node(file, key)
    if not isinstance(node, yaml.SequenceNode):
        raise _by_hand(file)
    lines, spans = list(file.lines), _spans(file, node)
    starts = {spans[place][0] for place in range(len(spans)) if place not in places}
    going: set[int] = set()
    for place in sorted(places):
        first, after = spans[place]
        going.update(range(first, after))
        while after not in starts and first > 0 and _is_comment(lines[first - 1]):
            first -= 1
            going.add(first)
    kept = [line for number, line in enumerate(lines) if number not in going]
    if len(places) < len(spans):
        return "\n".join(kept).encode()
    if not key:
        return _joined([*_trimmed(kept), "[]"])
    at = _line_of(file, key, (f"{key}:",))
    return "\n".join([*kept[:at], _key_line(kept[at], f"{key}: []"), *kept[at + 1 :]]).encode()


def _spans(file: YamlFile, node: yaml.SequenceNode) -> list[tuple[int, int]]:
    """Return the first line of each entry, and the one after its last."""
    starts = [each.start_mark for each in node.value]
    if node.flow_style or any(
        file.lines[mark.line][: mark.column].strip() != "-" for mark in starts
    ):
        raise _by_hand(file)
    end = node.end_mark
    last = file.lines[end.line] if end.line < len(file.lines) else ""
    limit = min(end.line + bool(last[: end.column].strip()), len(file.lines))
    out = []
    for mark, after in zip(starts, [*(mark.line for mark in starts[1:]), limit], strict=True):
        while after > mark.line + 1 and _is_idle(file.lines[after - 1]):
            after -= 1  # noqa: PLW2901 — a comment belongs to what follows
        out.append((mark.line, after))
    return out


def _key_line(line: str, text: str) -> str:
    """Return the line of a key with another value, and its comment as it is."""
    _, sharp, comment = line.partition("#")
    return f"{text}  #{comment}" if sharp else text


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _is_idle(line: str) -> bool:
    return not line.strip() or _is_comment(line)


def _is_flow(node: yaml.Node) -> bool:
    return not isinstance(node, yaml.MappingNode) or bool(node.flow_style)


def _trimmed(lines: Sequence[str]) -> list[str]:
    out = list(lines)
    while out and not out[-1].strip():
        out.pop()
    return out


def _written(entries: Sequence[Mapping[str, Any]], indent: int) -> list[str]:
    text = _dumped(entries, allow_unicode=True)
    if _OTHER_ENDS.search(text) is not None:
        text = _dumped(entries, allow_unicode=False)
    return [f"{' ' * indent}{line}" for line in text.removesuffix("\n").split("\n")]


def _dumped(entries: Sequence[Mapping[str, Any]], *, allow_unicode: bool) -> str:
    text: str = yaml.dump(
        [dict(entry) for entry in entries],
        Dumper=PlainDumper,
        sort_keys=False,
        allow_unicode=allow_unicode,
        width=1 << 20,
    )
    return text


def _joined(lines: Sequence[str]) -> bytes:
    return ("\n".join(_trimmed(lines)) + "\n").encode()


def _by_hand(file: YamlFile) -> ConfigError:
    return ConfigError(f"{file.name}: {_BY_HAND}")
