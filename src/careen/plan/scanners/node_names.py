"""Packages that a package.json and JavaScript sources name, and the commands of scripts.

These are linear scans of text, not a parse of JavaScript.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from careen.errors import ImageError
from careen.formats.json_document import items, mapping, parse_object, text

_NEEDS = ("dependencies", "optionalDependencies", "peerDependencies")
_BUNDLED = ("bundleDependencies", "bundledDependencies")
_PACKAGE = r"(?:@[\w.~-]{1,100}/)?[\w.~-]{1,200}"
_NAME = re.compile(rf"{_PACKAGE}\Z")
_BY_CALL = (
    r"(?:require|import|resolve|load|package)\w{0,40}"
    rf"[ \t]{{0,4}}\(?\s{{0,8}}[\"'`]({_PACKAGE})(?=[/\"'`])"
)
_BY_STATEMENT = rf"\bfrom\s{{0,4}}[\"'`]({_PACKAGE})(?=[/\"'`])"
_CALLED = re.compile(f"{_BY_CALL}|{_BY_STATEMENT}".encode(), re.IGNORECASE)
_LITERAL = re.compile(rf"[\"'`]({_PACKAGE})(?=[/\"'`])".encode())
_WORD = re.compile(r"[\w@./-]{1,200}")
_DEVELOPMENT = re.compile(
    r"(?:\A|[:._-])(?:tests?|lint|build|dev|watch|format|prettier|docs?|storybook|release|coverage|types?|typecheck|sandbox|prepare|prepublish\w*|prepack|pretest"
    r"|prebuild|prelint|publish|compile|clean|e2e|cypress)(?![a-z])",
    re.IGNORECASE,
)
_TOOLS = (
    r"babel|commitlint|cypress|eslint|jest|karma|playwright|postcss|prettier|rollup|stylelint"
    r"|tailwind|vite|vitest|webpack"
)
_OF_DEVELOPMENT = re.compile(
    rf"/(?:tests?|__tests__|spec|e2e)/|\.(?:test|spec)\.\w+\Z|/\.[^/]*\Z"
    rf"|/(?:{_TOOLS})\.config\.\w+\Z"
    r"|/(?:tsconfig[^/]*|package|npm-shrinkwrap)\.json\Z|lock\.(?:json|yaml)\Z"
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a package.json says that its package needs.

    `commands`: words of the scripts that neither build nor test (npm: scripts). `states`: it
    mentions dependencies at all.
    """

    packages: tuple[str, ...]
    commands: tuple[str, ...]
    states: bool


def needs(manifest: bytes, where: str) -> Needs:
    """Return the dependencies of a package.json: plain, optional, peer and bundled ones.

    A file that is not a JSON object states none.
    """
    try:
        table = parse_object(manifest, where, ImageError)
    except ImageError:
        return Needs((), (), states=False)
    found: list[str] = [str(item) for key in _NEEDS for item in mapping(table.get(key))]
    found.extend(text(item) for key in _BUNDLED for item in items(table.get(key)))
    scripts = (
        text(line)
        for key, line in mapping(table.get("scripts")).items()
        if not _DEVELOPMENT.search(str(key))
    )
    words = (word for line in scripts for word in _WORD.findall(line[:4096]))
    return Needs(
        _names(found),
        tuple(dict.fromkeys(words)),
        states=any(key in table for key in (*_NEEDS, "devDependencies", "workspaces")),
    )


def called(source: bytes) -> frozenset[str]:
    """Return the packages that a library's source loads by a literal.

    Counts `require`, `import`, `import()`, `from`, and calls with similar names.
    """
    return frozenset(_decoded(first or second for first, second in _CALLED.findall(source)))


def quoted(source: bytes) -> frozenset[str]:
    """Return every quoted text of an application's source that could be a package's name."""
    # Engines and drivers are given by name.
    return frozenset(_decoded(_LITERAL.findall(source)))


def is_of_development(path: str) -> bool:
    """Return whether only tests and builds read a file: tool configurations, tests, lock files.

    `path` begins at the application's root (`/config/x.js`).
    """
    return _OF_DEVELOPMENT.search(path) is not None


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(item for item in found if _NAME.match(item) and item not in (".", ".."))
    )


def _decoded(found: Iterable[bytes]) -> Iterator[str]:
    return (item.decode("utf-8", "replace") for item in found if item not in (b".", b".."))
