"""Parsed beginning of a document, for recognition."""

import io
import json
from typing import Any

import ijson  # type: ignore[import-untyped]

from careen.advisories.feeds.port import Head

HEAD = 256 << 10  # bytes: holds a whole record of most feeds, and the first keys of all
_DEEPEST = 64
_MOST_EVENTS = 20_000


def read_head(data: bytes, *, complete: bool) -> Head:
    """Return the head of a document from its first bytes; `complete`: they are all of it."""
    text = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    if text.lstrip()[:1] not in (b"{", b"["):
        return Head(data, None, complete=complete)
    if complete:
        try:
            return Head(data, json.loads(text), complete=True)
        except (ValueError, RecursionError):
            pass  # JSON lines, or damaged; the outline shows which
    value, lines = _outline(text)
    return Head(data, value, complete=False, lines=lines)


def _outline(data: bytes) -> tuple[object, bool]:
    """Return the first value as far as the data goes, and whether another one follows."""
    root: list[Any] = []
    stack: list[Any] = [root]
    keys: list[str] = [""]
    try:
        for number, (event, value) in enumerate(
            ijson.basic_parse(io.BytesIO(data), multiple_values=True, use_float=True)
        ):
            if number > _MOST_EVENTS or len(stack) > _DEEPEST:
                break
            if event in ("end_map", "end_array"):
                stack.pop()
                keys.pop()
            elif event == "map_key":
                keys[-1] = value
            else:
                if len(stack) == 1 and root:
                    return root[0], True
                made: Any = {"start_map": {}, "start_array": []}.get(event, value)
                if isinstance(stack[-1], list):
                    stack[-1].append(made)
                else:
                    stack[-1][keys[-1]] = made
                if event in ("start_map", "start_array"):
                    stack.append(made)
                    keys.append("")
    except (ijson.JSONError, ValueError, RecursionError):
        pass  # truncated or damaged: keep the part before
    return (root[0] if root else None), False
