"""Test suites inside distributions: directories `test` or `tests` that hold modules."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from careen.model.paths import ImagePath, ancestors, parent
from careen.model.plan import Level, Reason
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Work

NAMES = frozenset({"test", "tests"})
WHY = "a test suite inside a distribution; nothing that is kept imports it, and it was not used"
_SITE = re.compile(r".*?/(?:site-packages|dist-packages)/")
_SITES = re.compile(r"\A.*/(?:site-packages|dist-packages)/")
_WORD = re.compile(rb"tests?(?!\w)")
_FROM = re.compile(rb"[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+([^#\n]{1,2000})")
_ALIASED = rb"\w++(?:[ \t]++as[ \t]++\w++)?[ \t]*+"
_LISTED = re.compile(
    rb"[ \t(]*+((?:"
    + _ALIASED
    + rb",[ \t]*+)*+(?:"
    + _ALIASED
    + rb")?+\)?)[ \t]*+(?:\\\r?|;.*|#.*|\r)?\Z"
)
_DOTTED = re.compile(rb"(?<![\w.])[A-Za-z_][\w.]*\Z")
_DEEPER = re.compile(rb"\.[A-Za-z_]\w{0,63}")
_NAME = re.compile(rb"[A-Za-z_]\w*")
_MAX_LINE = 400
_MODULE = re.compile(r".*\.(?:py|pyc|so)\Z")
_SUITE = re.compile(rb"(?:\A|,)[ \t]*+(tests?)(?:[ \t]++as[ \t]++\w++)?[ \t]*+(?=[,)])")
_RELATIVE = re.compile(r"(\.++)(.*)")
_LOADS = (
    rb"_module|__import__|import_string|find_spec|files|open_text|open_binary|read_text"
    rb"|read_binary|path|get_data|resource_\w{1,60}"
)
_BY_NAME = re.compile(rb"(?:" + _LOADS + rb")\([^()\n]{0,200}[\"'}]\Z")
_EXAMPLE = re.compile(rb"[ \t]*(?:>>>|\.\.\.)[ \t]")
_AS_PREFIX = re.compile(rb"[\"'][ \t]*\)[ \t]*\+[ \t]*(?:os\.)?(?:path\.)?sep\b")
_ASSIGNED = re.compile(rb"[ \t]*+(\w{1,64})[ \t]*+=[ \t]*+(?!=)")
_TO_COMPARE = re.compile(rb"startswith\([ \t]*\Z")
_COMPARED = re.compile(rb"startswith\([ \t]*+\(?+[\"'][\w.]*+\Z")
_WITHIN = rb"((?:/[\w.-]{1,100}+){0,8}+)/?+[\"']"
_DIVIDED = re.compile(_WITHIN + rb"((?:[ \t]*+/[ \t]*+[\"'][\w./-]{1,100}+[\"']){0,8}+)")
_JOINED = re.compile(_WITHIN + rb"((?:[ \t]*+,\s{0,80}+[\"'][\w./-]{1,100}+[\"']){0,8}+)")
_JOINS = re.compile(rb"join\([^\n]{0,200},[ \t]*[\"']\Z")
_PART = re.compile(rb"[\w.-]+")
_ENDS = re.compile(rb"\s{0,80}+(?:[,)\]}/+:]|\Z)|[ \t]*+(?:[\r\n;#]|\Z)")
"""What may follow a path's last word; anything else (`if`, a method) makes it another word."""
_UPWARDS = re.compile(
    rb"\bpardir\b|[\"'/]\.\.[\"'/](?!\s{0,20}+,?\s{0,20}+[\"']?tests?[\"'/])|(?<=\w)(?<!\.parent)\.parents?\b"
)
_MAX_ASSIGNED = (
    16  # variables of a source that are followed; each costs a search through the source
)
_AS_PATH = re.compile(
    rb"(?:join\([^\n]{0,200},[ \t]*[\"']|[)\w\]][ \t]*/"
    rb"[ \t]*[\"']|(?:__file__|dirname|parent)[^\n]{0,200}[\"'/])\Z"
)


class Suites:
    """Test suites that are held back while their distribution is kept.

    A suite is given back when a kept source names it. If only modules of it are used or named,
    those are given back, and what they name. None is held back at `package`, or if the run imported
    pytest.
    """

    def __init__(self, work: Work) -> None:
        scene = work.scene
        self._work = work
        self._known: dict[ImagePath, bool] = {}
        self._off = scene.level is Level.PACKAGE or "pytest" in scene.observed_modules
        self._needed: set[ImagePath] = set()
        self._named: dict[ImagePath, set[str]] = {}
        self._held = work.held
        self.given: set[ImagePath] = set()
        for path in scene.uses:
            if scene.used_as(path, Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN):
                self._note(path)

    def _note(self, path: ImagePath) -> None:
        """Record a used file of a suite: a module needs itself, data the whole suite."""
        suite = self.suite_of(path)
        if suite is not None and _MODULE.match(path):
            rest = path[len(suite) + 1 :].removeprefix("__pycache__/")
            self._named.setdefault(suite, {"__init__"}).add(re.split("[./]", rest)[0])
        elif suite is not None:
            self._needed.add(suite)

    def suite_of(self, path: ImagePath) -> ImagePath | None:
        """Return the outermost directory of a suite that holds a path, or None.

        A directory without modules is no suite but data, which a program searches by its own names.
        """
        site = _SITE.match(path)
        if site is None or self._off:
            return None
        parts = path[site.end() :].split("/")
        for position, part in enumerate(parts[:-1]):
            if (
                part in NAMES
                and position > 0
                and self._has_module(
                    found := ImagePath(path[: site.end()] + "/".join(parts[: position + 1]))
                )
            ):
                return found
        return None

    def _has_module(self, directory: ImagePath) -> bool:
        if directory not in self._known:
            self._known[directory] = any(
                _MODULE.match(entry.path)
                for entry in self._work.scene.rootfs.below(directory)
                if entry.is_file
            )
        return self._known[directory]

    def hold(self, path: ImagePath, reason: Reason) -> bool:
        """Hold a path back if its suite is not needed, and return whether it is held.

        The reason to keep it is remembered.
        """
        suite = self.suite_of(path)
        if suite is None or suite in self._needed:
            return False
        if any(_is_of(path, suite, module) for module in self._named.get(suite, ())):
            self.given.add(path)
            return False
        self._held.setdefault(suite, {})[path] = reason
        return True

    def read(self, path: ImagePath, source: bytes) -> None:
        """Give back the suites that a kept source outside of them names.

        A source imports one, names it (`"numpy.tests.util"`, `f".tests.{name}"`), or looks for it
        beside itself (`Path(__file__).parent / "tests"`).
        """
        if not self._held:
            return
        if path in self.given:
            self._read_given(path, source)
        if b"test" not in source or self.suite_of(path) is not None:
            return
        around = _around(path, source)
        for held in [held for held in self._held if parent(held) in around]:
            for rest in sorted(around[parent(held)]):
                self._give_below(held, rest, path)
        for suite, module in sorted(_named_suites(path, source)):
            for found in [held for held in self._held if suite in (held, _SITES.sub("", held))]:
                self._give(found, module, path)

    def _read_given(self, path: ImagePath, source: bytes) -> None:
        """Give back what a module of a suite, given back alone, names in the suite.

        If it looks for files, the whole suite is given back.
        """
        suite = self.suite_of(path)
        if suite not in self._held:
            return
        if b"__file__" in source or b"import_module" in source or b"resource" in source:
            self._give(suite, "", path)
            return
        beside = {item[len(suite) + 1 :].split("/")[0].split(".")[0] for item in self._held[suite]}
        for word in sorted(
            beside & {item.decode("utf-8", "replace") for item in _NAME.findall(source)}
        ):
            self._give(suite, word, path)

    def _give_below(self, suite: ImagePath, rest: str, user: ImagePath) -> None:
        """Give back the paths in a suite that begin with `rest`; all if it is empty."""
        if not rest:
            self._give(suite, "", user)
            return
        held = self._held.get(suite, {})
        for item in sorted(item for item in held if item.startswith(f"{suite}/{rest}")):
            self._give_one(item, held.pop(item), user)

    def _give_one(self, item: ImagePath, reason: Reason, user: ImagePath) -> None:
        self.given.add(item)
        self._work.add_broadly(
            item, Reason(reason.code, f"{reason.detail}, whose tests {user} imports", user)
        )

    def _give(self, suite: ImagePath, module: str, user: ImagePath) -> None:
        """Give back a suite, or one module of it with the packages that hold it."""
        held = self._held.get(suite, {})
        chosen = sorted(held)
        if module and module in self._named.get(suite, ()):
            return  # it is there already
        if module and any(_is_of(item, suite, module) for item in chosen):
            self._named.setdefault(suite, {"__init__"}).add(module)
            chosen = [
                item
                for item in chosen
                if _is_of(item, suite, module) or _is_of(item, suite, "__init__")
            ]
        else:
            self._needed.add(suite)
        for item in chosen:
            self._give_one(item, held.pop(item), user)
        if suite in self._needed:
            self._held.pop(suite, None)


def _is_of(path: ImagePath, suite: ImagePath, module: str) -> bool:
    rest = path[len(suite) + 1 :]
    return rest.startswith((f"{module}.", f"{module}/", f"__pycache__/{module}."))


def _around(path: ImagePath, source: bytes) -> Mapping[ImagePath, AbstractSet[str]]:
    """Return the directories whose suite a source names by a computed name or path.

    These are its own directory and those above it in its distribution. Each comes with the
    beginnings of the paths in the suite (`join(own, "tests", "data", name)`: `data`), "" for all.
    """
    left = _MAX_ASSIGNED
    found: set[str] = set()
    for word in _WORD.finditer(source):
        start = source.rfind(b"\n", max(0, word.start() - _MAX_LINE), word.start()) + 1
        before = source[max(start, word.start() - _MAX_LINE) : word.start()]
        # Examples in docstrings, and prefixes to compare paths with, do not count:
        # `join(own, "tests") + os.sep`, or a variable that only `startswith` uses.
        if _EXAMPLE.match(before) or _AS_PREFIX.match(source, word.end()):
            continue
        by_name = before.endswith(b".") and _BY_NAME.search(before[:-1]) is not None
        if by_name or _AS_PATH.search(before) is not None:
            assigned = None if by_name else _ASSIGNED.match(before)
            if assigned is not None and left > 0:
                left -= 1
                if _only_compared(assigned.group(1), source):
                    continue
            found.add("" if by_name else _within(before, source, word.end()))
            if "" in found:
                found = {""}
                break
    return (
        dict.fromkeys(
            (parent(path), *(above for above in ancestors(path) if _SITE.match(f"{above}/"))), found
        )
        if found
        else {}
    )


def _within(before: bytes, source: bytes, end: int) -> str:
    """Return the literal part of the path that follows the name of a suite."""
    joins = _JOINS.search(before)
    match = (_JOINED if joins else _DIVIDED).match(source, end)
    if match is None or _UPWARDS.search(source) or not _ENDS.match(source, match.end()):
        return ""
    inside = before.rpartition(b"join(")[2] if joins else b""
    if inside.count(b")") > inside.count(b"("):
        return ""  # the call ended before the word, which is another item of a list
    parts = [item.decode() for item in _PART.findall(match.group(1) + match.group(2))]
    return "" if ".." in parts else "/".join(part for part in parts if part != ".")


def _only_compared(variable: bytes, source: bytes) -> bool:
    """Return whether a source uses a variable, and only as the prefix of other paths.

    The use is `name.startswith(tests)`.
    """
    compared = False
    for found in re.finditer(rb"(?<![\w.])" + variable + rb"(?!\w)", source):
        line = source[max(0, found.start() - _MAX_LINE) : found.start()].rpartition(b"\n")[2]
        if _TO_COMPARE.search(line) is not None:
            compared = True
        elif line.strip() or _ASSIGNED.match(source, found.start()) is None:
            return False
    return compared


def _named_suites(path: ImagePath, source: bytes) -> set[tuple[str, str]]:
    """Return the suites that a source names, each with the module named in it, or "".

    A suite is an absolute path for relative imports, else `package/tests` below any site directory.
    """
    names: set[str] = set()
    for word in _WORD.finditer(source):
        start = source.rfind(b"\n", max(0, word.start() - _MAX_LINE), word.start()) + 1
        before = source[max(start, word.start() - _MAX_LINE) : word.start()]
        if before.endswith(b".") and not _COMPARED.search(before):
            match = _DOTTED.search(before)
            deeper = _DEEPER.match(source, word.end())
            rest = deeper.group().decode() if deeper is not None else ""
            names.update((match.group().decode() + word.group().decode() + rest,) if match else ())
        line = before + source[word.start() : word.start() + _MAX_LINE].partition(b"\n")[0]
        names.update(
            _imported_suites(line) if b"import" in line or b"," in line or b")" in line else ()
        )
    out: set[tuple[str, str]] = set()
    for item in names:
        relative = _RELATIVE.fullmatch(item) if item.startswith(".") else None
        above = path
        for _ in range(len(relative.group(1)) if relative else 0):
            above = parent(above)
        parts = (relative.group(2) if relative else item).split(".")
        for position, part in enumerate(parts):
            if part in NAMES:
                suite = "/".join(([above] if relative else []) + parts[: position + 1])
                out.add((suite, next(iter(parts[position + 1 :]), "")))
    return out


def _imported_suites(line: bytes) -> set[str]:
    """Return the dotted names of suites in an import statement, or in a line of only names."""
    match = _FROM.match(line)
    if match is not None:
        base = match.group(1).decode()
        words = re.findall(r"\w+", match.group(2).decode("utf-8", "replace"))
        return {
            base,
            *(
                f"{base}.{word}" if base.strip(".") else f"{base}{word}"
                for word in NAMES.intersection(words)
            ),
        }
    listed = _LISTED.match(line)
    suites = _SUITE.findall(listed.group(1)) if listed else []
    return {f".{suites[-1].decode()}"} if suites else set()
