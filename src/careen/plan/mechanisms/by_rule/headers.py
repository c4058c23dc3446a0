"""C and C++ headers that code generated at run time includes.

The graph of `#include` starts from the header names in a library's own source. Conditionals are not
evaluated, and every include directory counts, so the set is larger than that of one compilation.
Names that only a macro gives are missed; headers that a compiler or torch cannot do without are not
named so.
"""

import re
from collections.abc import Iterable, Iterator

from careen.model.entry import Entry
from careen.model.paths import ImagePath, join, parent
from careen.model.plan import Reason
from careen.plan.core.mechanism import Work
from careen.plan.core.rules import Rule

MAX_HEADERS = 50_000
_INCLUDE = re.compile(
    rb"^[ \t]*#[ \t]*include(?:_next)?[ \t]*[<\"]([^>\"\n]{1,300})[>\"]", re.MULTILINE
)
_NAMED = re.compile(
    rb"(?:#[ \t]*include[ \t]*[<\"]([\w./+{}-]{1,200})[>\"])"
    rb"|[\"'<]([\w./+{}-]{1,200}\.(?:h|hh|hpp|hxx|cuh|inc|inl))[\"'>\\]"
)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def included(source: bytes) -> frozenset[str]:
    """Return the names that a C or C++ source includes, under any conditional."""
    return frozenset(item.decode("utf-8", "replace") for item in _INCLUDE.findall(source))


def named_headers(source: bytes) -> frozenset[str]:
    """Return the header names in a generator's source, in templates and literals.

    `x/{device}.h` becomes `x/*.h`.
    """
    found = (first or second for first, second in _NAMED.findall(source))
    names = (_PLACEHOLDER.sub("*", item.decode("utf-8", "replace")) for item in found)
    return frozenset(
        item
        for item in names
        if "{" not in item
        and ".." not in item.split("/")
        and ("*" not in item or "/" in item.partition("*")[0])
    )


class Headers:
    """Headers that rules with an `includes` table keep."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._directories: dict[str, ImagePath | None] = {}

    def keep(self, rule: Rule) -> None:
        """Keep what a rule's generators can include, and what that includes in turn."""
        index = self._work.scene.index
        directories = [
            directory for glob in rule.include_directories for directory in index.match(glob)
        ]
        names: dict[str, ImagePath | None] = dict.fromkeys(rule.include_names, None)
        for glob in rule.include_sources:
            for path in index.match(glob):
                if (entry := self._file(path)) is not None:
                    names.update(
                        (item, path)
                        for item in sorted(named_headers(self._work.scene.text(entry)))
                        if item not in names
                    )
        everywhere: dict[str, tuple[Entry, ...]] = {}
        todo = [
            (found, because)
            for item, because in names.items()
            for found in self._find(item, directories)
        ]
        seen = {entry.path for entry, _ in todo}
        while todo and len(seen) < MAX_HEADERS:
            entry, because = todo.pop()
            self._work.keeping.reach(entry.path, Reason(f"rule:{rule.id}", rule.reason, because))
            own = parent(entry.path)
            for item in sorted(included(self._work.scene.text(entry))):
                if item not in everywhere:
                    everywhere[item] = tuple(self._find(item, directories))
                for found in (*self._find(item, (own,)), *everywhere[item]):
                    if found.path not in seen:
                        seen.add(found.path)
                        todo.append((found, entry.path))

    def _find(self, text: str, directories: Iterable[ImagePath]) -> Iterator[Entry]:
        if text.startswith("/"):
            return
        for directory in directories:
            matched = (
                self._work.scene.index.match(f"{directory}/{text}")
                if "*" in text
                else (ImagePath(f"{directory}/{text}"),)
            )
            for path in matched:
                if (entry := self._file(path)) is not None:
                    yield entry

    def _file(self, path: str) -> Entry | None:
        rootfs = self._work.scene.rootfs
        found = rootfs.get(ImagePath(path))
        directory, _, base = path.rpartition("/")
        if found is None and base not in ("", ".", ".."):
            # Most names are not there; their directories are few, and each is walked to once.
            if directory not in self._directories:
                final = rootfs.walk(directory).final
                self._directories[directory] = final.path if final and final.is_dir else None
            if (place := self._directories[directory]) is None:
                return None
            found = rootfs.get(join(place, base))
            if found is None:
                return None
        if found is None or found.is_symlink:
            found = rootfs.walk(path).final
        return found if found is not None and found.is_file else None
