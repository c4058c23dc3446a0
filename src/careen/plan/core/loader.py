"""Where the dynamic loader finds a library: ld.so(8) of glibc, and musl's path file.

Order: RPATH (unless there is a RUNPATH) of the object and of what loaded it, LD_LIBRARY_PATH,
RUNPATH, ld.so.conf in file order, the default directories. Every glibc-hwcaps variant up to the
directory that wins is kept too, because another processor takes another variant. If the library
that wins lacks a symbol version that its user needs, the copies that have it are kept too:
something else must have loaded one of them first.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, replace
from functools import partial
from io import SEEK_END
from typing import Any, BinaryIO

from careen.errors import ImageError
from careen.formats.elf.program import MIN_SIZE, ElfInfo, Unreadable, elf_info
from careen.formats.elf.versions import defined_versions, names_symbol, needed_versions
from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.plan.core.readings import Reader
from careen.plan.core.scene import Scene
from careen.plan.scanners.program_pieces import device_code

_MULTIARCH = {
    "x86_64": "x86_64-linux-gnu",
    "aarch64": "aarch64-linux-gnu",
    "386": "i386-linux-gnu",
    "arm": "arm-linux-gnueabihf",
    "riscv": "riscv64-linux-gnu",
}
_HWCAPS = ("glibc-hwcaps", "tls", "haswell", "x86_64", "avx512_1")
MAX_CONF = 1 << 20
MAX_CONF_FILES = 256
_VARIABLE = re.compile(r"\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?!\w))")


def _elf(stream: BinaryIO) -> ElfInfo | None:
    with stream:
        found = elf_info(stream)
        if found is None or isinstance(found, Unreadable):
            return None
        return replace(found, device=device_code(stream, stream.seek(0, SEEK_END)))


def _load(row: Any) -> ElfInfo | None:
    if row is None:
        return None
    info = ElfInfo(*row)
    return replace(
        info,
        needed=tuple(info.needed),
        rpath=tuple(info.rpath),
        runpath=tuple(info.runpath),
        strings=(info.strings[0], info.strings[1]),
        device=tuple((start, size) for start, size in info.device),
    )


OF_ELF = Reader[BinaryIO, ElfInfo | None](
    "ELF", _elf, lambda info: None if info is None else astuple(info), _load
)


class Loader:
    """Resolver of library names in one image; it reads each ELF file once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._read: dict[int, ElfInfo | None] = {}  # by inode: hard links are read once
        self._configured = tuple(self._configuration())
        self._environment = tuple(
            item
            for item in re.split("[:;]", scene.config.env.get("LD_LIBRARY_PATH", ""))
            if item.startswith("/")
        )
        self._found: dict[tuple[str, tuple[str, ...], int, str], tuple[str, ...]] = {}
        self._needed: dict[ImagePath, Mapping[str, frozenset[str]]] = {}
        self._defined: dict[int, frozenset[str]] = {}
        self._named: dict[tuple[ImagePath, tuple[bytes, ...]], bool] = {}

    def info(self, entry: Entry) -> ElfInfo | None:
        """Return what a file's ELF headers say, or None if it is not a readable ELF file."""
        if entry.inode not in self._read:
            self._read[entry.inode] = None
            if entry.is_file and entry.size >= MIN_SIZE:
                self._read[entry.inode] = self._scene.readings.at(
                    entry, OF_ELF, partial(self._scene.rootfs.open, entry.path)
                )
        return self._read[entry.inode]

    def names_symbol(self, path: ImagePath, info: ElfInfo, parts: tuple[bytes, ...]) -> bool:
        """Return whether a symbol that a file imports or exports has one of these parts.

        The names of libraries count as well. In doubt, with more names than are read, it has.
        """
        key = (path, parts)
        if key not in self._named:
            with self._scene.rootfs.open(path) as stream:
                self._named[key] = names_symbol(stream, info, parts)
        return self._named[key]

    def own_paths(self, path: ImagePath, info: ElfInfo) -> tuple[str, ...]:
        """Return the RPATH directories that an object hands on to what it loads.

        An object with a RUNPATH hands on none.
        """
        return () if info.runpath else tuple(self._expand(info.rpath, path, info))

    def resolve(
        self, library: str, user: ImagePath, info: ElfInfo, inherited: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return the paths (as text, before links) that can satisfy a library name.

        These are the first match in order with its hwcaps variants, and copies with missing symbol
        versions. If the order finds nothing, every library of that base name and machine counts.
        Empty without a match.
        """
        if "/" in library:
            return (library,) if self._fits(library, info) else ()
        rpath = () if info.runpath else (*self._expand(info.rpath, user, info), *inherited)
        directories = (*rpath, *self._environment, *self._expand(info.runpath, user, info))
        key = (library, directories, info.bits, info.machine)
        if key not in self._found:
            self._found[key] = tuple(
                self._search(
                    library, (*directories, *self._configured, *self._defaults(info)), info
                )
            )
        found = self._found[key]
        return (*found, *self._versioned(library, user, info, found))

    def _search(self, library: str, directories: tuple[str, ...], info: ElfInfo) -> Iterator[str]:
        for directory in dict.fromkeys(directories):
            variants = [
                text for text in self._variants(directory, library) if self._fits(text, info)
            ]
            yield from variants
            plain = f"{directory}/{library}"
            if self._fits(plain, info):
                yield plain
                return
        # Another object may preload it from any directory.
        yield from (path for path in self._scene.index.named(library) if self._fits(path, info))

    def _versioned(
        self, library: str, user: ImagePath, info: ElfInfo, found: tuple[str, ...]
    ) -> Iterator[str]:
        """Yield other copies of a library if those found lack a symbol version that is needed."""
        copies = [
            path
            for path in self._scene.index.named(library)
            if path not in found and self._fits(path, info)
        ]
        wanted = self._needs(user, info).get(library) if copies and info.needs_at else None
        if wanted and not any(wanted <= self._defines(path) for path in found):
            yield from (path for path in copies if wanted <= self._defines(path))

    def _needs(self, user: ImagePath, info: ElfInfo) -> Mapping[str, frozenset[str]]:
        if user not in self._needed:
            with self._scene.rootfs.open(user) as stream:
                self._needed[user] = needed_versions(stream, info)
        return self._needed[user]

    def _defines(self, text: str) -> frozenset[str]:
        final = self._scene.rootfs.walk(text).final
        info = self.info(final) if final is not None else None
        if final is None or info is None:
            return frozenset()
        if final.inode not in self._defined:
            with self._scene.rootfs.open(final.path) as stream:
                self._defined[final.inode] = defined_versions(stream, info)
        return self._defined[final.inode]

    def _variants(self, directory: str, library: str) -> Iterator[str]:
        walk = self._scene.rootfs.walk(directory)
        if walk.final is None:
            return
        for special in _HWCAPS:
            for below in self._scene.rootfs.children(ImagePath(f"{walk.end}/{special}")):
                if name(below) == library:
                    yield below
                elif ImagePath(f"{below}/{library}") in self._scene.rootfs:
                    yield f"{below}/{library}"

    def _fits(self, text: str, info: ElfInfo) -> bool:
        final = self._scene.rootfs.walk(text).final
        if final is None or not final.is_file:
            return False
        other = self.info(final)
        if other is None:
            return False
        return (other.bits, other.machine, other.little_endian) == (
            info.bits,
            info.machine,
            info.little_endian,
        )

    def _expand(self, paths: tuple[str, ...], user: ImagePath, info: ElfInfo) -> Iterator[str]:
        for text in paths:
            libs = (
                ("lib64", "lib", f"lib/{_MULTIARCH.get(info.machine, 'lib')}")
                if "LIB" in text
                else ("",)
            )
            for lib in libs:
                values = {"ORIGIN": str(parent(user)), "LIB": lib, "PLATFORM": info.machine}
                expanded = _VARIABLE.sub(partial(_value, values), text)
                if expanded.startswith("/"):
                    yield expanded

    def directories(self, info: ElfInfo) -> tuple[str, ...]:
        """Return the directories that the loader searches for any program.

        These are LD_LIBRARY_PATH, ld.so.conf and the defaults.
        """
        return (*self._environment, *self._configured, *self._defaults(info))

    def _defaults(self, info: ElfInfo) -> tuple[str, ...]:
        triplet = _MULTIARCH.get(info.machine, "")
        multiarch = (f"/lib/{triplet}", f"/usr/lib/{triplet}") if triplet else ()
        # ELF class
        wide = ("/lib64", "/usr/lib64") if info.bits == 64 else ("/lib32", "/usr/lib32")  # noqa: PLR2004
        return (*multiarch, *wide, "/lib", "/usr/lib", "/usr/local/lib")

    def _configuration(self) -> Iterator[str]:
        """Yield the directories of ld.so.conf and its includes in order, then musl's path file."""
        todo = ["include /etc/ld.so.conf"]
        included: set[str] = set()
        while todo:
            line = todo.pop().partition("#")[0].strip()
            if line.startswith("/"):
                yield line.split("=")[0].rstrip("/ \t")
            if not line.startswith("include"):
                continue
            found = [
                path
                for glob in line.split()[1:]
                for path in self._scene.index.match(
                    glob if glob.startswith("/") else f"/etc/{glob}"
                )
            ]
            for path in reversed(found):
                if path not in included and len(included) < MAX_CONF_FILES:
                    included.add(path)
                    todo.extend(reversed(self._text(path).splitlines()))
        for path in self._scene.index.match("/etc/ld-musl-*.path"):
            yield from (
                item for item in re.split(r"[:\n]", self._text(path)) if item.startswith("/")
            )

    def _text(self, path: str) -> str:
        final = self._scene.rootfs.walk(path).final
        if final is None or not final.is_file:
            return ""
        try:
            return self._scene.rootfs.read(final.path, MAX_CONF).decode("utf-8", "surrogateescape")
        except ImageError:
            return ""


class AnyProgram:
    """The first kept program; libraries that sources open by name are resolved for it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._found: tuple[ImagePath, ElfInfo] | None = None

    def __bool__(self) -> bool:
        return self._found is not None

    def note(self, entry: Entry) -> None:
        """Remember a kept path if it is the first program."""
        if (
            self._found is None
            and entry.is_executable
            and ".so" not in entry.path
            and (info := self._loader.info(entry)) is not None
        ):
            self._found = (entry.path, info)

    def resolve(self, library: str) -> tuple[str, ...]:
        """Return the paths that can satisfy a name; empty while there is no program."""
        return () if self._found is None else self._loader.resolve(library, *self._found, ())


def _value(values: Mapping[str, str], match: re.Match[str]) -> str:
    return values[match.group(1) or match.group(2)]
