"""Absolute paths that the application's text and the image's variables name.

The text is that of sources, scripts and configuration.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles, PathsOfLibrary, TextFound, TreeNeeded
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.scene import READ
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.application.own_files import OWN_SCRIPT, SOURCES, tree_of
from careen.plan.mechanisms.application.settings import is_settings, text_of
from careen.plan.mechanisms.commands.shell_sources import SHELL, SUFFIXES
from careen.plan.mechanisms.files.data_paths import keep_data
from careen.plan.mechanisms.files.unowned_trees import UnownedTrees
from careen.plan.scanners.imports import with_constants
from careen.plan.scanners.packed_text import Kind, Text

# After the path, its own name goes on with a value: `/opt/x-{name}`, `"/opt/x-" + name`.
_PATH = re.compile(
    rb"(/(?:(?<![\w./$}>~-]/)|(?<=\bfile:///)|(?<=:////))[\w@%+,~][\w.@%+,~-]{0,200}"
    rb"(?:/[\w.@%+,~-]{1,200}){0,30}/?)"
    rb"([{$*?\[<#]|[\"'][ \t]{0,20}(?:\+|\.\.?[ \t]))?"
)
# `os.path.join("/opt", "models")`, `Path("/opt") / "models"`
_JOINED = re.compile(
    rb"[\"']((?:/[\w.@+-]{1,100}){1,6})[\"']\)?((?:\s{0,80}[,/]\s{0,80}[\"'][\w.@+-]{1,100}[\"']){1,4})"
)
# `os.path.join(sys.prefix, "share", "x")`, `Path(sys.prefix) / "share/x"`
_PREFIXED = re.compile(
    rb"sys\.(?:base_|exec_)?prefix\)?((?:\s{0,80}[,/]\s{0,80}[\"'][\w.@+/-]{1,200}[\"']){1,5})"
)
# `"../models/a.bin"`, from the file's directory or the working directory
_UPWARDS = re.compile(
    rb"(?<![\w./$}>~-])((?:\.\./){1,8}[\w@+][\w.@+-]{0,200}(?:/[\w.@+-]{1,200}){0,30})"
)
_WORD = re.compile(rb"(?<![\w.-])[a-z_][\w-]{0,31}(?![\w.-])")
_HOME_OF = re.compile(rb"(?<![\w/])~([a-z_][\w-]{0,31})(?=[/\"'])")  # `~server/models`
_PIECE = re.compile(rb"[\w.@+-]+")
_VALUE = re.compile(rb"%[^/]{0,100}")  # `%s`, `%(name)s`, `%d`
_MIN_BEGINNING = 3  # letters of a name in a shared directory
_MAX_SETTINGS = 4 << 20
_MAX_TABLES = 256 << 20
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
_PYTHON_AND_SETTINGS = (".py", *_CONFIGURATION)
"""What names a file to read it; a script names what it removes, too."""
_SEARCHED = frozenset(
    {"PATH", "LD_LIBRARY_PATH", "HOME", "PWD"}
)  # handled by other mechanisms, or too broad
_DATA = ("/usr/share/", "/usr/local/share/")
_OF_PACKAGES = ("/usr/lib/", "/usr/lib64/", "/usr/libexec/", "/var/lib/", "/opt/")
_MAX_OWNERS = 3  # packages with files in a directory
_MAX_DIRECTORY = 512 << 20
_MAX_STEPS = 1_000_000  # paths below named directories of packages, in one image
_ROOT = ("", "root", "0")
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
    # Other directories there may be of the application: HF_HOME=/var/cache/models.
    "/var/cache/apk/",
    "/var/cache/apt/",
    "/var/cache/debconf/",
    "/var/cache/dnf/",
    "/var/cache/fontconfig/",
    "/var/cache/ldconfig/",
    "/var/cache/man/",
    "/var/cache/pip/",
    "/var/cache/yum/",
    "/var/lib/apt/",
    "/var/lib/dpkg/",
)


class NamedPaths(Mechanism):
    """Keeps what the application's text or an image variable names by absolute path.

    An unowned file brings the unowned tree around it, an unowned directory what is below it. A
    package's file is kept alone, and its program only if a configuration names it. A directory of
    packages counts in data directories such as /usr/share, and elsewhere if few have files in it.
    Absolute paths in sources of libraries count for unowned files and directories.
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
        self._seen: set[tuple[bytes, bytes]] = set()
        self._relative: set[tuple[bytes, bytes]] = set()
        self._compared = 0
        self._tables = _MAX_TABLES
        self._steps = _MAX_STEPS
        self._of_libraries: set[str] = set()
        self._configured = self._lines()
        self._homes = self._homes_of_others()
        self._trees = UnownedTrees(work.scene)
        self._used: dict[ImagePath, ImagePath] = {}
        self._compared_with: set[ImagePath] = set()
        work.facts.on(TextFound, lambda fact: self._read(fact.text, fact.entry))
        work.facts.on(PathsOfLibrary, self._read_library)

    def _read_library(self, fact: PathsOfLibrary) -> None:
        """Keep the unowned trees that a library names: where a model server looks for models."""
        scene = self._work.scene
        if name(fact.because).startswith("__editable__"):
            return  # its paths are Python's
        for text in sorted(fact.paths - self._of_libraries):
            self._of_libraries.add(text)
            final = scene.rootfs.walk(text).final if len(text) > 1 else None
            if (
                final is not None
                and final.path not in scene.inventory.owners
                and final.path not in scene.owned_directories
                and not (final.is_file and final.is_executable)  # commands have their own rules
            ):
                self._named(text, str(fact.because), fact.because)

    def _homes_of_others(self) -> dict[bytes, ImagePath]:
        """Return the homes by the names of accounts, without root's and those of packages."""
        scene = self._work.scene
        walks = (
            (account, scene.rootfs.walk(home).final)
            for account, _, home in scene.accounts
            if home.startswith("/") and account not in _ROOT
        )
        return {
            account.encode("utf-8", "surrogateescape"): final.path
            for account, final in walks
            if final is not None and final.is_dir and final.path not in scene.owned_directories
        }

    def _lines(self) -> tuple[tuple[str, str], ...]:
        """Return what may be paths in the image's variables and commands, with where it is."""
        config = self._work.scene.config
        health = config.healthcheck.test if config.healthcheck is not None else ()
        return (
            *(
                (f"variable {key}", word)
                for key, value in config.env.items()
                if key not in _SEARCHED
                for word in _values(value)
            ),
            *(("a volume", path) for path in config.volumes),
            *(("the entrypoint", word) for word in config.entrypoint),
            *(("the command", word) for word in config.cmd),
            *(("the health check", word) for word in health),
        )

    def visit(self, entry: Entry) -> None:
        """Collect the scripts on PATH that no package brought."""
        # The application's files are read in `settle`, when all are known.
        if self._work.keeping.reasons[entry.path].code == OWN_SCRIPT and entry.is_file:
            self._scripts.append(entry)
        scene = self._work.scene
        if (
            entry.is_file
            and entry.path not in scene.inventory.owners
            and scene.used_as(entry.path, *READ)
            and (root := tree_of(scene, entry.path)) is not None
        ):
            self._used.setdefault(root, entry.path)

    def settle(self) -> None:
        lines, self._configured = self._configured, ()
        for where, line in lines:
            self._all_named(line.encode("utf-8", "replace"), where, None)
        own = self._unread.take()
        scripts, self._scripts = self._scripts, []
        for entry in (*own, *scripts):
            if not (
                entry.path.endswith((*SOURCES, *_CONFIGURATION))
                or entry.is_executable
                or entry.path.startswith("/etc/")
                or is_settings(entry.path)
            ) or entry.path.startswith(_OTHERS):
                continue
            text = self._text(entry)
            if b"\0" in text[:4096]:
                continue
            self._keep_homes(_HOME_OF.findall(text), entry)
            if SHELL.match(text) or entry.path.endswith(SUFFIXES):
                text = with_constants(text, self._work.scene.config.env)
                self._homes_in(text, entry)
            elif not entry.path.endswith(SOURCES):
                self._homes_in(text, entry)
            self._all_named(text, entry.path, entry.path)
            self._upwards(text, entry)
            for tree, path in self._trees.read(text, entry.path):
                self._named(tree, f"{path} in part", path)
        for tree, path in self._trees.composed() if own or scripts or lines else ():
            self._named(tree, f"{path or 'a variable'} in part", path)
        used, self._used = self._used, {}
        for root in sorted(used.keys() - self._compared_with):
            self._compared_with.add(root)
            for tree in self._trees.like(root):
                self._named(tree, f"the names in it, which are those in {root}", used[root])

    def _upwards(self, text: bytes, entry: Entry) -> None:
        """Keep what a relative path leads to (`../models/a.bin`)."""
        bases = {parent(entry.path), ImagePath(self._work.scene.config.working_dir or "/")}
        for base in sorted(bases):
            above = base.encode("utf-8", "surrogateescape")
            for found in sorted(set(_UPWARDS.findall(text))):
                if (above, found) not in self._relative and len(self._relative) < _MAX_NAMED:
                    self._relative.add((above, found))
                    named = f"{base}/{found.decode('utf-8', 'surrogateescape').rstrip('.')}"
                    self._named(named, entry.path, entry.path)

    def _homes_in(self, text: bytes, entry: Entry) -> None:
        """Keep the homes of the accounts that a script or a configuration of root's names.

        It starts the application as another user (`exec gosu app server`), whose models and
        settings lie there.
        """
        if not self._homes or self._work.scene.config.user.partition(":")[0] not in _ROOT:
            return
        self._keep_homes(_WORD.findall(text), entry)

    def _keep_homes(self, accounts: Iterable[bytes], entry: Entry) -> None:
        """Keep the homes of accounts that a text names."""
        for word in sorted(self._homes.keys() & set(accounts)):
            home = self._homes.pop(word)
            self._named(home, f"{entry.path} as the home of {word.decode()}", entry.path)

    def _text(self, entry: Entry) -> bytes:
        """Return the text of a source, a script or settings; of all tables together 256 MiB."""
        if not is_settings(entry.path) or entry.path.endswith(_CONFIGURATION):
            return self._work.scene.text(entry)
        if entry.size > self._tables:
            return b""
        self._tables -= entry.size
        return text_of(self._work.scene, entry, _MAX_SETTINGS)

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
            self._all_named(text.data, entry.path, entry.path)

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

    def _all_named(self, text: bytes, where: str, because: ImagePath | None) -> None:
        """Keep what a text names in full, by the beginning of a name, or in pieces."""
        if len(self._seen) >= _MAX_NAMED:
            return
        for found in sorted(set(_PATH.findall(text)) - self._seen):
            self._seen.add(found)
            path, goes_on = found
            beginning, value, _ = _VALUE.sub(b"%", path).partition(b"%")
            named = path.decode("utf-8", "surrogateescape").rstrip(".,")
            if self._work.scene.rootfs.walk(named).final is not None:
                self._named(named, where, because)
            elif self._work.scene.rootfs.walk(f"{named}.so").final is not None:
                self._named(f"{named}.so", where, because)  # SQLite and Lua add the ending
            elif value or goes_on:
                self._begun(beginning.decode("utf-8", "surrogateescape"), where, because)
        for found in sorted(set(_JOINED.findall(text)) - self._seen):
            self._seen.add(found)
            pieces = (found[0], *_PIECE.findall(found[1]))
            for end in range(2, len(pieces) + 1):
                path = b"/".join(pieces[:end])
                self._named(path.decode("utf-8", "surrogateescape"), where, because)
        for pieces in sorted(set(_PREFIXED.findall(text))):
            path = b"/".join(_PIECE.findall(pieces.replace(b"/", b" ")))
            for prefix in self._prefixes:
                self._named(f"{prefix}/{path.decode()}", where, because)

    @cached_property
    def _prefixes(self) -> tuple[ImagePath, ...]:
        """What `sys.prefix` may be: the prefixes of Pythons, and virtual environments."""
        scene = self._work.scene
        of_pythons = (parent(parent(home)) for home in scene.interpreters)
        environments = (parent(path) for path in scene.index.named("pyvenv.cfg"))
        return tuple(dict.fromkeys((*of_pythons, *environments)))

    def _begun(self, text: str, where: str, because: ImagePath | None) -> None:
        """Keep what begins like a text that a value completes (`/opt/voices/voice-{language}`).

        In a directory that is shared, only what no package has counts.
        """
        scene = self._work.scene
        above, _, first = text.rpartition("/")
        directory = scene.rootfs.walk(above or "/").final
        if not first:
            self._named(above, where, because)
        if directory is None or not directory.is_dir or not first:
            return
        shared = is_shared(directory.path)
        if shared and len(first) < _MIN_BEGINNING:
            return
        for path in scene.rootfs.children(directory.path):
            of_packages = path in scene.inventory.owners or path in scene.owned_directories
            if (
                name(path).startswith(first)
                and not scene.rootfs[path].is_setid
                and (not of_packages or (path.startswith(_DATA) and not shared))
            ):
                self._named(path, where, because)

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
            # A script names what it lists or removes, too.
            in_script = because is not None and because.endswith(SUFFIXES)
            if final.is_dir and final.path.startswith(_OF_PACKAGES) and not in_script:
                self._keep_directory(final.path, reason)
            keep_data(
                self._work,
                text,
                reason,
                # Programs that sources name are for the mechanisms of commands.
                programs=because is not None and because.endswith(_CONFIGURATION),
                even_dropped=because is not None and because.endswith(_PYTHON_AND_SETTINGS),
            )
            return
        self._work.keeping.reach(text, reason)
        # The programs of a directory `bin` read what lies beside it.
        around = not final.is_dir or name(final.path) in ("bin", "sbin")
        root = tree_of(scene, final.path) if around else final.path
        if root is not None or final.is_dir:
            self._work.facts.post(TreeNeeded(root or final.path, reason))

    def _keep_directory(self, directory: ImagePath, reason: Reason) -> None:
        """Keep a directory that few packages have for themselves, such as JAVA_HOME's."""
        scene = self._work.scene
        below = [
            entry
            for entry in islice(scene.index.below(directory), self._steps)
            if not entry.is_setid
        ]
        self._steps -= len(below)
        owners = {purl for entry in below for purl in scene.inventory.owners.get(entry.path, ())}
        # A whole toolkit is of many.
        if len(owners) > _MAX_OWNERS or sum(entry.size for entry in below) > _MAX_DIRECTORY:
            return
        for entry in below:
            self._work.add_broadly(entry.path, reason)


def _values(text: str) -> Iterator[str]:
    """Yield the words of a variable that are values: the first, those of options, and `x=y`."""
    # Others are those of a note: `see /usr/share/doc`.
    before = "-"
    for word in text.split():
        if before.startswith("-") or "=" in word or "://" in word:
            yield word
        before = word
