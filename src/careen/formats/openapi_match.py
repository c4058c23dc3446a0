"""Matching of requests to declared operations."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from careen.formats.openapi import Operation

_PARAMETER = re.compile(r"\{[^{}]*\}")
_REST = re.compile(r"path|file|rest|\*", re.IGNORECASE)
_LONGEST = 8192


class OperationMatcher:
    """Finds the operation of a method and a path, in time independent of the templates' text.

    A plain template wins over one with parameters; among those, the one with more plain segments. A
    final parameter may stand for several segments if its name says so (`{file_path}`): frameworks
    have this, OpenAPI cannot express it. A trailing slash counts only if both forms are declared.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_length: dict[
            tuple[str, int], list[tuple[Operation, tuple[tuple[str, ...], ...]]]
        ] = {}
        self._open: dict[str, list[tuple[Operation, tuple[tuple[str, ...], ...]]]] = {}
        self._plain: dict[tuple[str, str], Operation] = {}
        for operation in operations:
            template = operation.path_template
            if not _PARAMETER.search(template):
                self._plain.setdefault((operation.method, template), operation)
                continue
            segments = tuple(tuple(_PARAMETER.split(segment)) for segment in template.split("/"))
            self._by_length.setdefault((operation.method, len(segments)), []).append(
                (operation, segments)
            )
            if segments[-1] == ("", "") and _REST.search(template.rpartition("{")[2]):
                self._open.setdefault(operation.method, []).append((operation, segments))
        for group in (*self._by_length.values(), *self._open.values()):
            group.sort(
                key=lambda pair: (-sum(len(parts) == 1 for parts in pair[1]), pair[0].path_template)
            )

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation of a request, or None; a query in `path` is ignored."""
        asked = unquote(path.partition("?")[0][:_LONGEST])
        for each in dict.fromkeys((asked, asked.rstrip("/") or "/", f"{asked}/")):
            found = self._exactly(method.upper(), each)
            if found is not None:
                return found
        segments = asked.split("/")
        return next(
            (
                operation
                for operation, parts in self._open.get(method.upper(), ())
                if len(segments) > len(parts)
                and all(map(_fits, parts[:-1], segments[: len(parts) - 1]))
            ),
            None,
        )

    def _exactly(self, method: str, path: str) -> Operation | None:
        if (plain := self._plain.get((method, path))) is not None:
            return plain
        segments = path.split("/")
        group = self._by_length.get((method, len(segments)), ())
        return next(
            (operation for operation, parts in group if all(map(_fits, parts, segments))), None
        )


def _fits(parts: tuple[str, ...], segment: str) -> bool:
    """Return whether a segment matches the literal parts, with at least one character between two.

    Each part is searched for once, leftmost first.
    """
    if len(parts) == 1:
        return segment == parts[0]
    if not segment.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        found = segment.find(part, at + 1) if part else at + 1
        if found < 0:
            return False
        at = found + len(part)
    return segment.endswith(parts[-1]) and len(segment) - len(parts[-1]) >= at + 1
