"""Absolute paths in the application's text: what its sources, scripts and configuration, and the
image's variables, name.
"""

import re
from functools import cached_property

from careen.model.entry import Entry
from careen.model.paths import ImagePath, parent
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFile, TextFound, TreeNeeded
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.application.own_files import OWN_SCRIPT, SOURCES, tree_of
from careen.plan.mechanisms.commands.shell_sources import SHELL, SUFFIXES
from careen.plan.mechanisms.files.data_paths import keep_data
from careen.plan.scanners.imports import with_constants
from careen.plan.scanners.packed_text import Kind, Text

_PATH = re.compile(rb"/(?<![\w./$}>~-]/)[\w@%+,~][\w.@%+,~-]{0,200}(?:/[\w.@%+,~-]{1,200}){0,30}")
_MAX_NAMED = 20_000
_MAX_COMPARED = 64 << 30  # bytes of programs, once for each tree that they may name: half a minute
_CONFIGURATION = (
    ".conf",
    ".cfg",
    ".ini",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".xml",
    ".properties",
    ".env",
    ".cnf",
)
_SEARCHED = frozenset(
    {"PATH", "LD_LIBRARY_PATH", "HOME", "PWD"}
)  # other mechanisms' business, or all of a system
_OTHERS = (
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/sub",
    "/etc/shells",
    "/etc/ld.so.conf",
)
"""Files below /etc whose paths are homes of accounts, and where the loader looks: what of those is
needed is other mechanisms' business.
"""
_PASSING = (
    "/proc/",
    "/sys/",
    "/dev/",
    "/run/",
    "/tmp/",  # noqa: S108
    "/var/tmp/",  # noqa: S108
    "/var/log/",
    "/var/cache/",
    "/var/lib/apt/",
    "/var/lib/dpkg/",
)


class NamedPaths(Mechanism):
    """Keeps files and directories that the application's text, or a variable of the image, names by
    their absolute path. A file that lies in an unowned tree brings that tree, as a used one would;
    a directory brings what is below it. Of what a package owns a file comes alone (a program if a
    configuration names it: what starts programs reads the rest), and of directories only those
    below /usr/share.
    """

    id = "named-paths"
    why = (
        "a fallback, an error page or a second model lies where a configuration or a script says;"
        " the profile never went there"
    )
    codes = ("named-path",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = work.facts.news(OwnFile)
        self._scripts: list[Entry] = []
        self._seen: set[bytes] = set()
        self._compared = 0
        self._environment = tuple(work.scene.config.env.items())
        work.facts.on(TextFound, lambda fact: self._read(fact.text, fact.entry))

    def visit(self, entry: Entry) -> None:
        """The application's files are read when they are all known, and so are scripts on PATH that
        no package brought.
        """
        if self._work.keeping.reasons[entry.path].code == OWN_SCRIPT and entry.is_file:
            self._scripts.append(entry)

    def settle(self) -> None:
        variables, self._environment = self._environment, ()
        for variable, value in variables:
            for item in value.split(":") if variable not in _SEARCHED else ():
                if item.startswith("/"):
                    self._named(item, f"variable {variable}", None)
        own = [fact.entry for fact in self._unread.take()]
        scripts, self._scripts = self._scripts, []
        for entry in (*own, *scripts):
            if not (
                entry.path.endswith((*SOURCES, *_CONFIGURATION))
                or entry.is_executable
                or entry.path.startswith("/etc/")
            ) or entry.path.startswith(_OTHERS):
                continue
            text = self._work.scene.text(entry)
            if b"\0" in text[:4096]:
                continue
            if SHELL.match(text) or entry.path.endswith(SUFFIXES):
                text = with_constants(text, self._work.scene.config.env)
            self._all_named(text, entry)

    def _read(self, text: Text, entry: Entry) -> None:
        """Keep what a module in a packed file of the application names; what the sources of
        libraries name is no place of the application's. Compiled programs keep their texts side by
        side without an end: there the path of a whole unowned tree is looked for.
        """
        if text.kind in (Kind.PROGRAM, Kind.TABLE):
            # a program may work out where it lies: `/usr/local/bin/x` reads `../share/x`
            above = f"{parent(parent(entry.path))}/"
            for path in self._roots:
                words = (
                    {str(path), path.removeprefix(above)} if above.count("/") > 1 else {str(path)}
                )
                self._compared += len(words) * len(text.data)
                if self._compared > _MAX_COMPARED:
                    break
                if path not in self._work.keeping and any(
                    word.encode("utf-8", "surrogateescape") in text.data
                    for word in words
                    if "/" in word
                ):
                    self._named(path, entry.path, entry.path)
        elif text.kind in (Kind.BYTE_CODE, Kind.PATHS) or (
            text.kind is Kind.SOURCE and not text.foreign
        ):
            self._all_named(text.data, entry)

    @cached_property
    def _roots(self) -> tuple[ImagePath, ...]:
        """The highest directories below those that many share, of which no package has anything;
        not root's home, which every program may name.
        """
        scene = self._work.scene
        directories = {
            parent(entry.path)
            for entry in scene.rootfs
            if entry.is_file and entry.path not in scene.inventory.owners
        }
        found = {tree_of(scene, ImagePath(f"{directory}/x")) for directory in directories}
        return tuple(
            sorted(
                root
                for root in found
                if root is not None and root != "/root" and not f"{root}/".startswith(_PASSING)
            )
        )

    def _all_named(self, text: bytes, entry: Entry) -> None:
        if len(self._seen) >= _MAX_NAMED:
            return
        for found in sorted(set(_PATH.findall(text)) - self._seen):
            self._seen.add(found)
            self._named(
                found.decode("utf-8", "surrogateescape").rstrip(".,"), entry.path, entry.path
            )

    def _named(self, text: str, where: str, because: ImagePath | None) -> None:
        scene = self._work.scene
        final = scene.rootfs.walk(text).final
        if (
            final is None
            or is_shared(final.path)
            or f"{final.path}/".startswith(_PASSING)
            or scene.library_of(ImagePath(f"{final.path}/x")) is not None
        ):
            return
        reason = Reason("named-path", f"{text}, named in {where}", because)
        if final.path in scene.inventory.owners or final.path in scene.owned_directories:
            keep_data(
                self._work,
                text,
                reason,
                programs=because is not None and because.endswith(_CONFIGURATION),
            )
            return
        self._work.keeping.reach(text, reason)
        root = final.path if final.is_dir else tree_of(scene, final.path)
        if root is not None:
            self._work.facts.post(TreeNeeded(root, reason))
