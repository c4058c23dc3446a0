"""Absolute paths that the application's text and the image's variables name.

The text is that of sources, scripts and configuration.
"""

import re
from functools import cached_property

from careen.model.entry import Entry
from careen.model.paths import ImagePath, parent
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles, TextFound, TreeNeeded
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.application.own_files import OWN_SCRIPT, SOURCES, tree_of
from careen.plan.mechanisms.commands.shell_sources import SHELL, SUFFIXES
from careen.plan.mechanisms.files.data_paths import keep_data
from careen.plan.scanners.imports import with_constants
from careen.plan.scanners.packed_text import Kind, Text

_PATH = re.compile(rb"/(?<![\w./$}>~-]/)[\w@%+,~][\w.@%+,~-]{0,200}(?:/[\w.@%+,~-]{1,200}){0,30}")
_MAX_NAMED = 20_000
_MAX_COMPARED = 64 << 30  # bytes of programs times the trees searched for: half a minute
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
)  # handled by other mechanisms, or too broad
_OTHERS = (
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/sub",
    "/etc/shells",
    "/etc/ld.so.conf",
)
"""Files below /etc that other mechanisms read: homes of accounts, and the loader's paths."""
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
    """Keeps what the application's text or an image variable names by absolute path.

    An unowned file brings the unowned tree around it, an unowned directory what is below it. A
    package's file is kept alone, and its program only if a configuration names it. Directories of
    packages count only in data directories such as /usr/share.
    """

    id = "named-paths"
    why = (
        "a fallback, an error page or a second model lies where a configuration or a script says,"
        " and the profile never opened it"
    )
    codes = ("named-path",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)
        self._scripts: list[Entry] = []
        self._seen: set[bytes] = set()
        self._compared = 0
        self._environment = tuple(work.scene.config.env.items())
        work.facts.on(TextFound, lambda fact: self._read(fact.text, fact.entry))

    def visit(self, entry: Entry) -> None:
        """Collect the scripts on PATH that no package brought."""
        # The application's files are read in `settle`, when all are known.
        if self._work.keeping.reasons[entry.path].code == OWN_SCRIPT and entry.is_file:
            self._scripts.append(entry)

    def settle(self) -> None:
        variables, self._environment = self._environment, ()
        for variable, value in variables:
            for item in value.split(":") if variable not in _SEARCHED else ():
                if item.startswith("/"):
                    self._named(item, f"variable {variable}", None)
        own = self._unread.take()
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
        """Keep what a text of the application's packed file names.

        Sources of libraries name no paths of the application. Compiled programs have texts without
        an end, so only the paths of whole unowned trees are searched for.
        """
        if text.kind in (Kind.PROGRAM, Kind.TABLE):
            # A program may compute its own location: `/usr/local/bin/x` reads `../share/x`.
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
        """Highest directories below shared ones in which no package has a file."""
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
                # Every program may name root's home.
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
                # Programs that sources name are for the mechanisms of commands.
                programs=because is not None and because.endswith(_CONFIGURATION),
            )
            return
        self._work.keeping.reach(text, reason)
        root = final.path if final.is_dir else tree_of(scene, final.path)
        if root is not None:
            self._work.facts.post(TreeNeeded(root, reason))
