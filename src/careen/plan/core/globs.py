"""Globs over the paths of an image.

`*` and `?` stay inside one component, `**` is any number of components, `[abc]` one character. A
glob that does not start with `/` matches at any depth (`*.a`, `share/doc/**`). `/x/**` also matches
`/x` itself.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.oci.tree.rootfs import Rootfs

MAX_GLOB = 1024
_SPECIAL = re.compile(r"[*?\[]")
_BELOW = re.compile(r"(?:/[^/*?\[]+)+/\*\*")
# careen's rules have some 1,500 globs; compiling them takes longer than planning a small image
_MAX_COMPILED = 4096


@lru_cache(_MAX_COMPILED)
def compile_glob(glob: str) -> re.Pattern[str]:
    """Return the pattern whose `fullmatch` decides whether a path matches.

    Matching is linear in the path unless a glob has several `**`.
    """
    parts = [part for part in (glob if glob.startswith("/") else f"/**/{glob}").split("/") if part]
    out: list[str] = []
    for position, part in enumerate(parts):
        if part != "**":
            out.append("/" + _component(part))
        elif position == 0 or parts[position - 1] != "**":
            out.append("(?:/[^/]+)*")
    return re.compile("".join(out) or "/", re.DOTALL)


@lru_cache(256)
def any_of(globs: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern whose `fullmatch` accepts what any glob matches; no globs, no match."""
    return re.compile(
        "|".join(f"(?:{compile_glob(glob).pattern})" for glob in globs) or r"(?!)", re.DOTALL
    )


@lru_cache(_MAX_COMPILED)
def _among_names(last: str) -> re.Pattern[str]:
    """Return the pattern that finds a component's matches in names joined by slashes."""
    return re.compile(f"{compile_glob(f'/{last}').pattern}(?=/)", re.DOTALL)


def _plain_parts(glob: str) -> list[str]:
    return [part for part in glob.split("/") if part and not _SPECIAL.search(part)]


def _component(part: str) -> str:
    out: list[str] = []
    position = 0
    while position < len(part):
        char = part[position]
        position += 1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (end := part.find("]", position + 1)) > 0:
            body = re.sub(r"[\\\[]", r"\\\g<0>", part[position:end])
            out.append(f"[^{body[1:]}]" if body.startswith("!") else f"[{body}]")
            position = end + 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def glob_problem(glob: str) -> str | None:
    """Return what is wrong with a glob, or None."""
    if not glob or len(glob) > MAX_GLOB or "\0" in glob:
        return f"a glob must have 1 to {MAX_GLOB} characters and no NUL"
    if ".." in glob.split("/"):
        return "a glob must not contain '..'"
    if "[" not in glob:  # only a bracket can be wrong
        return None
    try:
        compile_glob(glob)
    except re.error as error:
        return f"not a glob ({error})"
    return None


class PathIndex:
    """Index of an image's paths, sorted and by base name, so that a glob tests only candidates."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._paths: list[ImagePath] = sorted(entry.path for entry in rootfs)
        self._names: dict[str, list[ImagePath]] = {}
        self._matched: dict[str, tuple[ImagePath, ...]] = {}
        for path in self._paths:
            self._names.setdefault(name(path), []).append(path)
        self._all_names = (
            "".join(f"/{text}" for text in self._names) + "/"
        )  # no name has a slash, so one pass over this finds the matching names

    def named(self, base: str) -> tuple[ImagePath, ...]:
        """Return the paths whose last component is `base`."""
        return tuple(self._names.get(base, ()))

    def match(self, glob: str) -> tuple[ImagePath, ...]:
        """Return the paths that match, in path order. Each glob is matched once."""
        if glob not in self._matched:
            found = set(self._candidates(glob))
            # The candidates of `/x/**` are what it matches, and so are those of `/x`.
            is_told = found == {glob} and not _SPECIAL.search(glob)
            if found and not is_told and not _BELOW.fullmatch(glob):
                pattern = compile_glob(glob)
                # The longest plain component is found much faster than the pattern matches.
                part = f"/{max(_plain_parts(glob), key=len, default='')}"
                found = {path for path in found if part in path and pattern.fullmatch(path)}
            self._matched[glob] = tuple(sorted(found))
        return self._matched[glob]

    def any(self, glob: str) -> bool:
        """Return whether any path matches."""
        return bool(self.match(glob))

    def below(self, directory: ImagePath) -> Iterator[Entry]:
        """Yield the entries below `directory` in path order, without the directory itself."""
        for path in self._prefixed(f"{directory.rstrip('/')}/"):
            if path != directory:
                yield self._rootfs[path]

    def _candidates(self, glob: str) -> Iterator[ImagePath]:
        if glob.startswith("/") and not glob.startswith("/**/"):
            special = _SPECIAL.search(glob)
            if special is None:
                literal = glob.rstrip("/") or "/"
                yield from (ImagePath(literal),) if ImagePath(literal) in self._rootfs else ()
                return
            prefix = glob[: special.start()]
            last = glob.rstrip("/").rpartition("/")[2]
            if not _SPECIAL.search(last):
                yield from (path for path in self._names.get(last, ()) if path.startswith(prefix))
                return
            yield from self._prefixed(prefix)
            if prefix.endswith("/") and ImagePath(prefix.rstrip("/") or "/") in self._rootfs:
                yield ImagePath(prefix.rstrip("/") or "/")
            return
        last = glob.rstrip("/").rpartition("/")[2]
        if not _SPECIAL.search(last):
            yield from self._names.get(last, ())
            return
        if last == "**":
            literals = _plain_parts(glob)
            # A negated class may match a slash, so that its component is none of one path.
            others = [part for part in glob.split("/") if part.strip("*") and "[" not in part]
            if literals:
                yield from self._around(
                    min(literals, key=lambda part: len(self._names.get(part, ())))
                )
            elif others:
                for base in self._matching(others[-1]):
                    yield from self._around(base)
            else:
                yield from self._paths
            return
        for base in self._matching(last):
            yield from self._names[base]

    def _matching(self, part: str) -> list[str]:
        """Return the names that a component matches."""
        if "[" in part:  # a negated class may match a slash, and run into the next name
            base = compile_glob(f"/{part}")
            return [text for text in self._names if base.fullmatch(f"/{text}")]
        return [text[1:] for text in _among_names(part).findall(self._all_names)]

    def _around(self, base: str) -> Iterator[ImagePath]:
        for path in self._names.get(base, ()):
            yield path
            yield from self._prefixed(f"{path}/")

    def _prefixed(self, prefix: str) -> list[ImagePath]:
        first = bisect_left(self._paths, prefix)
        end = bisect_left(self._paths, 1, first, key=lambda path: not path.startswith(prefix))
        return self._paths[first:end]
