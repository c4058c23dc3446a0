"""Which paths of the image a Python distribution has."""

import re
from collections.abc import Iterable, Iterator

from careen.model.paths import MAX_PATH, ImagePath, parent
from careen.oci.real_paths import RealPaths
from careen.oci.rootfs import Rootfs

_EXTENSION = re.compile(r"([^./]+)(?:\.[^/]+)?\.(?:so|pyd)\Z")
_LICENCE = re.compile(
    r"(?:LICEN[CS]ES?|COPYING|COPYRIGHT|NOTICE|AUTHORS)(?:[._-].*)?\Z", re.IGNORECASE
)
_CODE = (".py", ".pyc", ".pyi", ".so", ".html", ".js")


class PythonFiles:
    """Listed paths and modules of one image."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._real = RealPaths(rootfs)

    def listed(self, site: ImagePath, path: str) -> ImagePath | None:
        """Resolve a path of RECORD, absolute or relative to `site`; None if nothing is there.
        Raises ValueError if it leaves the root.
        """
        full = path if path.startswith("/") else f"{site}/{path}"
        depth = 0
        for part in full.split("/"):
            depth += 0 if part in ("", ".") else -1 if part == ".." else 1
            if depth < 0:
                break
        if depth < 0 or "\0" in full or len(full) > MAX_PATH:
            msg = f"a listed path is none inside the image: {path[:200]!r}"
            raise ValueError(msg)
        found = self._real.find(full)
        entry = None if found is None else self._rootfs.get(found)
        return (
            None if entry is None or entry.is_dir else entry.path
        )  # the image's own string: a hundred thousand second ones are megabytes

    def of_modules(self, site: ImagePath, modules: Iterable[str]) -> Iterator[ImagePath]:
        """Yield the files of top-level modules beside an egg-info that lists none: `m.py`, `m.*.so`
        and all below `m/`.
        """
        wanted = set(modules)
        for path in self._rootfs.children(site):
            entry, name = self._rootfs[path], path.rpartition("/")[2]
            if entry.is_dir:
                if name in wanted:
                    yield from self.inside(path)
            elif module_of(name) in wanted:
                yield path

    def inside(self, directory: ImagePath) -> Iterator[ImagePath]:
        """Yield everything but directories below `directory`."""
        return (entry.path for entry in self._rootfs.below(directory) if not entry.is_dir)


def module_of(name: str) -> str:
    """Return the module that a file in a directory of modules is, "" if it is none: `a.py`,
    `b.cpython-311-x86_64-linux-gnu.so`.
    """
    if name.endswith(".py"):
        return name.removesuffix(".py")
    match = _EXTENSION.match(name)
    return match.group(1) if match is not None else ""


def top_level_modules(site: ImagePath, files: Iterable[ImagePath]) -> tuple[str, ...]:
    """Return the top-level import names that a distribution's files make, sorted: modules in
    `site`, and directories in it with modules anywhere below.
    """
    prefix = f"{site.rstrip('/')}/"
    out: set[str] = set()
    for path in files:
        if not path.startswith(prefix):
            continue
        first, _, rest = path.removeprefix(prefix).partition("/")
        name = (
            first
            if rest and module_of(path.rpartition("/")[2])
            else module_of(first)
            if not rest
            else ""
        )
        if name.isidentifier() and name != "__pycache__":
            out.add(name)
    return tuple(sorted(out))


def licence_files(files: Iterable[ImagePath], metadata: ImagePath) -> tuple[ImagePath, ...]:
    """Return the files that state a licence: all in the dist-info's `licenses` directory (PEP 639),
    and those named like one.
    """
    folder = f"{metadata}/licenses/"
    return tuple(
        path
        for path in files
        if path.startswith(folder)
        or (_LICENCE.match(path.rpartition("/")[2]) and not path.endswith(_CODE))
    )


def site_of(record: ImagePath) -> ImagePath:
    """Return the directory that holds a dist-info or egg-info."""
    return parent(record)
