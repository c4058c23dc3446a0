"""Directories of plugins that a library or daemon names by absolute path in its bytes.

Libraries open what lies there at run time (GDAL, SASL, PAM, GIO, krb5). Daemons start it (Dovecot's
services, CUPS's backends, git's commands).
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from careen.model.entry import Entry
from careen.model.paths import ImagePath, ancestors, name, parent
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.readings import Reader
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.files.programs import is_loadable, may_be_elf

MAX_READ = (
    64 << 20
    # of one file: the system libraries that name plugin directories in read-only data are small
)
MAX_PLUGINS = 2000
MAX_DEPTH = 3
_CHUNK = 4 << 20
_OVERLAP = 512
_DIRECTORY = re.compile(rb"/(?:usr|lib|lib64|opt|var|srv)/[\w.+-]{1,100}(?:/[\w.+-]{1,100}){0,12}")


def _directories(stream: BinaryIO) -> Iterator[str]:
    rest = b""
    while data := stream.read(_CHUNK):
        block = rest + data
        yield from (
            item.decode("ascii", "replace").rstrip("./") for item in _DIRECTORY.findall(block)
        )
        rest = block[-_OVERLAP:]


def _read(stream: BinaryIO) -> frozenset[str]:
    with stream:
        return frozenset(_directories(stream))


OF_DIRECTORIES = Reader[BinaryIO, frozenset[str]](
    "directories of plugins", _read, sorted, frozenset
)


class PluginDirectories(Mechanism):
    """Keeps plugins and helper programs in a directory that a kept ELF file names.

    The directory is not the loader's, does not hold that file, and is not shared by convention.
    Helpers lie directly in it, outside of PATH, and are neither setuid nor skipped by rules. Files
    of Python distributions name none, as these can be installed anywhere.
    """

    id = "plugin-directories"
    why = (
        "which plugin is opened, or helper started, depends on the format, account, device or"
        " server of a request"
    )
    codes = ("plugin-directory",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._named: dict[str, ImagePath | None] = {}
        self._directories = self._with_loadable()

    def _with_loadable(self) -> frozenset[ImagePath]:
        """Return the directories with plugins up to three levels below, or helpers inside."""
        out: set[ImagePath] = set()
        for entry in self._work.scene.rootfs:
            if not entry.is_dir and is_loadable(name(entry.path)):
                out.update(ancestors(entry.path)[:MAX_DEPTH])
            elif self._is_helper(entry):
                out.add(parent(entry.path))
        return frozenset(out)

    def _is_helper(self, entry: Entry) -> bool:
        scene = self._work.scene
        return (
            entry.is_file
            and entry.is_executable
            and not entry.is_setid
            and name(entry.path) not in scene.skipped_commands
            and parent(entry.path) not in scene.command_path
        )

    def visit(self, entry: Entry) -> None:
        if (
            not may_be_elf(entry)
            or "/site-packages/" in entry.path
            or entry.size > MAX_READ
            or (info := self._work.loader.info(entry)) is None
        ):
            return
        own = {
            *ancestors(entry.path),
            *(
                final.path
                for text in self._work.loader.directories(info)
                if (final := self._work.scene.rootfs.walk(text).final)
            ),
        }
        texts = self._work.scene.readings.at(
            entry, OF_DIRECTORIES, partial(self._work.scene.rootfs.open, entry.path)
        )
        for text in sorted(texts):
            directory = self._directory(text)
            if directory is not None and directory not in own:
                self._keep(directory, entry)

    def _directory(self, text: str) -> ImagePath | None:
        if text not in self._named:
            final = self._work.scene.rootfs.walk(text).final
            found = (
                final.path
                if final is not None and final.is_dir and final.path in self._directories
                else None
            )
            self._named[text] = None if found is None or self._is_of_many(found) else found
        return self._named[text]

    def _is_of_many(self, directory: ImagePath) -> bool:
        """Return whether a directory is no plugin directory.

        It is shared, an interpreter's, or the prefix of an installation (`/opt/x` with its `bin`).
        """
        scene = self._work.scene
        prefix = any(
            ImagePath(f"{directory}/{item}") in scene.rootfs
            for item in ("bin", "include", "lib", "lib64")
        )
        return (
            prefix
            or is_shared(directory)
            or scene.library_of(ImagePath(f"{directory}/x")) is not None
        )

    def _keep(self, directory: ImagePath, entry: Entry) -> None:
        reason = Reason(
            "plugin-directory", f"a plugin in {directory}, which {entry.path} names", entry.path
        )
        depth, found = directory.count("/") + MAX_DEPTH, 0
        for below in self._work.scene.index.below(directory):
            loadable = (
                below.path.count("/") <= depth
                and not below.is_dir
                and is_loadable(name(below.path))
            )
            if (
                loadable or (parent(below.path) == directory and self._is_helper(below))
            ) and found < MAX_PLUGINS:
                found += 1
                self._work.add_broadly(below.path, reason)

    def settle(self) -> None:
        """Do nothing: files are handled as they are kept."""
