"""Distributions that offer entry points of a group that something kept loads."""

import re
from collections.abc import Callable, Mapping, Sequence

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.plan.core.mechanism import Work
from careen.plan.mechanisms.python.reached_modules import ReachedModules
from careen.plan.scanners.chosen_modules import fits
from careen.plan.scanners.python_source import PythonNames
from careen.plan.scanners.source import Source

_SECTION = re.compile(rb"^\[([^\]\n]{1,200})\]", re.MULTILINE)
_GROUPS = re.compile(rb"[\w.:-]{3,100}")
_COMPOSED = re.compile(rb"f[\"']([\w.:-]{0,60})\{[^{}\"'\n]{1,60}\}([\w.:-]{0,60})[\"']")
_MAX_COMPOSED = 1000  # composed names in one source, each compared with all groups
_MIN_FIXED = 4  # letters of a composed name
_FIRST_OF_GROUP = re.compile(rb"[\"'](\w{3,60})[.\"']")


class EntryPoints:
    """Which groups of entry points are offered, named and loaded; `keep` keeps a distribution."""

    def __init__(
        self,
        work: Work,
        distributions: Sequence[Package],
        reached: ReachedModules,
        keep: Callable[[Package, Reason], None],
    ) -> None:
        self._work = work
        self._all = distributions
        self._reached = reached
        self._keep = keep
        self._groups, self._offered = self._entry_point_groups()
        self._quoted_groups: dict[str, dict[bytes, ImagePath]] = {}
        self._loading: set[str] = set()  # top-level packages that load entry points
        self._own_groups: dict[bytes, ImagePath | None] = {}
        self._loads_groups = False

    def read(self, path: ImagePath, names: PythonNames, text: Callable[[], Source]) -> None:
        """Keep the groups that a source names, if it loads some, or one of its package does."""
        top = self._reached.top_of(path)
        groups = self._quoted_groups.setdefault(top, {})
        for group in self._offered if top or names.loads_entry_points else ():
            if names.quotes(group, text):
                groups.setdefault(group, path)
        if names.loads_entry_points:
            self._loading.add(top)
        if top in self._loading:
            for group, because in self._quoted_groups.pop(top).items():
                self._keep_group(group, because)

    def note(self, text: bytes, path: ImagePath | None, *, loads: bool) -> None:
        """Record the groups of entry points that a file of the application, or the image, names.

        Another file may load them. One that loads some may compose their names
        (`f"{SHOP}.{kind}"`, `f"shop_{kind}_exporter"`).
        """
        self._loads_groups = self._loads_groups or loads
        near = (
            frozenset(_GROUPS.findall(text)) if any(map(text.__contains__, self._offered)) else ()
        )
        named = {item for item in self._offered if item in near}
        if loads:
            first = _FIRST_OF_GROUP.findall(text)
            named |= {item for item in self._offered if item.split(b".")[0] in first}
            parts = [each for each in _COMPOSED.findall(text) if len(b"".join(each)) >= _MIN_FIXED]
            parts = parts[:_MAX_COMPOSED]
            named |= {item for item in self._offered if any(fits(item, *each) for each in parts)}
        for group in sorted(named):
            self._own_groups.setdefault(group, path)

    def settle(self, done: set[str], by_module: Mapping[str, tuple[Package, ...]]) -> None:
        """Keep what the application loads, and what offers entry points to what is kept.

        `done` are the purls of the distributions that are kept.
        """
        if self._loads_groups:
            for group, user in self._own_groups.items():
                self._keep_group(group, user)
            self._own_groups.clear()
        for package in self._all:
            shared = self._groups.get(package.purl, frozenset()) & self._work.modules
            if shared and package.purl not in done:
                consumer = min(shared)
                because = next(
                    (
                        path
                        for item in by_module.get(consumer, ())
                        for path in item.files
                        if path in self._work.keeping
                    ),
                    None,
                )
                self._keep(
                    package,
                    Reason(
                        "python-entry-point",
                        f"{package.name} offers entry points to {consumer}",
                        because,
                    ),
                )

    def _entry_point_groups(
        self,
    ) -> tuple[Mapping[str, frozenset[str]], dict[bytes, tuple[Package, ...]]]:
        """Return the groups of entry points that distributions offer, without scripts.

        First by purl the first components of the groups' names, then by group the distributions
        that offer it.
        """
        first: dict[str, frozenset[str]] = {}
        offered: dict[bytes, list[Package]] = {}
        for package in self._all:
            for path in package.metadata:
                entry = self._work.scene.rootfs.get(path)
                if entry is not None and entry.is_file and name(path) == "entry_points.txt":
                    groups = {
                        group.strip() for group in _SECTION.findall(self._work.scene.text(entry))
                    } - {b"console_scripts", b"gui_scripts"}
                    first[package.purl] = frozenset(
                        re.split(r"[._:-]|\d", group.decode("utf-8", "replace"))[0]
                        for group in groups
                    )
                    for group in groups:
                        offered.setdefault(group, []).append(package)
        return first, {group: tuple(found) for group, found in offered.items()}

    def _keep_group(self, group: bytes, because: ImagePath | None) -> None:
        for package in self._offered.pop(group, ()):
            what = (
                f"{package.name} offers entry points of {group.decode('utf-8', 'replace')}, which"
                f" {because or 'a variable of the image'} names"
            )
            self._keep(package, Reason("python-entry-point", what, because))
