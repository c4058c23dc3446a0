"""Libraries that configuration and shell scripts name.

Examples are modules of a server, drivers of ODBC, OpenCL and EGL, and LD_PRELOAD.
"""

import re
from functools import cached_property

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles
from careen.plan.core.loader import AnyProgram
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.application.own_files import OWN_SCRIPT, SOURCES
from careen.plan.scanners.composed_names import composed
from careen.plan.scanners.searched_libraries import searched_libraries, searched_names
from careen.plan.scanners.source import without_comments

MAX_CONFIGURATION = 1 << 20
_MAX_PATTERNS = 2000  # of names, each compared with all libraries
_SUFFIXES = (
    ".conf",
    ".cnf",
    ".cfg",
    ".ini",
    ".json",
    ".icd",
    ".xml",
    ".yaml",
    ".yml",
    ".toml",
    ".load",
    ".module",
    ".properties",
    ".env",
    ".sh",
    ".bash",
)
_LIBRARY = re.compile(
    rb"(?<![\w.+-])((?:/?[\w.+-]{1,200}/){0,20})([\w+-][\w.+-]{0,200}\.so(?:\.[\w.]{1,40})?)(?![\w/])"
)
_OTHERS = (
    "/etc/ld.so",
    "/etc/pam.",
    "/etc/security/",
)  # of the loader, and of PAM, whose modules a rule keeps


def named_libraries(text: bytes) -> tuple[tuple[str, str], ...]:
    """Return the libraries that a configuration names outside of comments, in order.

    Each comes with what stands before its name (`modules/`, `/opt/x/` or "").
    """
    if b".so" not in text or b"\0" in text[:4096]:
        return ()
    found = dict.fromkeys(_LIBRARY.findall(without_comments(text)))
    return tuple(
        (above.decode("utf-8", "replace"), library.decode("utf-8", "replace"))
        for above, library in found
    )


class ConfiguredLibraries(Mechanism):
    """Keeps the libraries that kept configuration and the application's scripts name.

    Configuration lies below `/etc` or `/usr/lib`, in a driver registry, or with the application. A
    library is named by its path, by the end of one (`modules/x.so`), or by a bare name, which is
    resolved as the loader would for the first kept program.
    """

    id = "configured-libraries"
    why = (
        "a server opens a driver or module that a configuration names when the first request"
        " needs it"
    )
    codes = ("configured-library",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._program = AnyProgram(work.loader)
        self._unread: list[Entry] = []
        self._own = OwnFiles(work.facts)
        self._patterns = _MAX_PATTERNS
        config = work.scene.config
        words = (*config.env.values(), *config.entrypoint, *config.cmd)
        self._image = "\n".join(words).encode("utf-8", "replace")

    def visit(self, entry: Entry) -> None:
        self._program.note(entry)
        named = entry.path.endswith(_SUFFIXES) and (
            "/glvnd/" in entry.path
            or "/vulkan/" in entry.path
            or entry.path.startswith("/usr/lib/")
        )
        if (
            entry.is_file
            and entry.size <= MAX_CONFIGURATION
            and (
                entry.path.startswith("/etc/")
                or named
                or self._work.keeping.reasons[entry.path].code == OWN_SCRIPT
            )
            and not entry.path.startswith(_OTHERS)
        ):
            self._unread.append(entry)

    def settle(self) -> None:
        own = self._own.take()
        unread, self._unread = (
            [
                *self._unread,
                *(entry for entry in own if entry.path.endswith(_SUFFIXES) or entry.is_executable),
            ],
            [],
        )
        if self._program:  # a bare name is resolved for it
            image, self._image = self._image, b""
            self._read(image, None)
        for entry in unread:
            if entry.size <= MAX_CONFIGURATION:
                self._read(self._work.scene.text(entry), entry.path)
        for entry in own:
            if entry.path.endswith(SOURCES) and entry.size <= MAX_CONFIGURATION:
                self._search(self._work.scene.text(entry), entry.path)

    def _read(self, text: bytes, source: ImagePath | None) -> None:
        for above, library in named_libraries(text):
            self._keep(above, library, source)
        for stem in searched_libraries(text):
            for library in self._named_like(stem):
                self._keep("", library, source)
        self._search(text, source)

    def _search(self, text: bytes, source: ImagePath | None) -> None:
        """Keep what a text looks for by a part of the name, wherever no distribution has it."""
        patterns = searched_names(text)[: self._patterns]
        self._patterns -= len(patterns)
        for pattern in patterns:
            for library in composed(pattern, self._names):
                for path in self._work.scene.index.named(library):
                    if "-packages/" not in path and not self._work.leaves_out(path):
                        self._work.keeping.reach(path, self._reason(library, source))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The names of the image's libraries."""
        return tuple(
            sorted(
                {
                    name(entry.path)
                    for entry in self._work.scene.rootfs
                    if ".so" in entry.path and not entry.is_dir and ".so" in name(entry.path)
                }
            )
        )

    def _reason(self, library: str, source: ImagePath | None) -> Reason:
        where = source or "a variable or a command of the image"
        return Reason("configured-library", f"{library}, named in {where}", source)

    def _named_like(self, stem: str) -> tuple[str, ...]:
        """Return the names of the image's libraries that begin with a stem and `.so`."""
        return tuple(
            dict.fromkeys(name(path) for path in self._work.scene.index.match(f"**/{stem}.so*"))
        )

    def _keep(self, above: str, library: str, source: ImagePath | None) -> None:
        reason = self._reason(f"{above}{library}", source)
        scene = self._work.scene
        if above.startswith("/"):
            self._work.keeping.reach(f"{above}{library}", reason)
        elif above and (
            paths := [
                path
                for path in scene.index.named(library)
                if path.endswith(f"/{above.lstrip('./')}{library}")
            ]
        ):
            for path in paths:
                self._work.keeping.reach(path, reason)
        # The beginning may be computed: `/usr/lib/$(uname -m)-linux-gnu/libx.so.2`.
        elif scene.index.named(library):
            for text in self._program.resolve(library):
                if not self._work.leaves_out(text):
                    self._work.keeping.reach(text, reason)
