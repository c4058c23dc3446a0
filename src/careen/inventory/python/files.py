"""The paths of Python distributions and modules in an image."""

import re
from collections.abc import Iterable, Iterator

from careen.model.paths import MAX_PATH, ImagePath, parent
from careen.oci.tree.real_paths import RealPaths
from careen.oci.tree.rootfs import Rootfs

_EXTENSION = re.compile(r"([^./]+)(?:\.[^/]+)?\.(?:so|pyd)\Z")
_LICENCE = re.compile(
    r"(?:LICEN[CS]ES?|COPYING|COPYRIGHT|NOTICE|AUTHORS)(?:[._-].*)?\Z", re.IGNORECASE
)
_CODE = (".py", ".pyc", ".pyi", ".so", ".html", ".js")


class PythonFiles:
    """Resolves listed paths and modules of one image."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._real = RealPaths(rootfs)

    def listed(self, site: ImagePath, path: str) -> ImagePath | None:
        """Return the file of a RECORD path (absolute or relative to `site`), or None.

        Raises ValueError if the path leaves the root.
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
        # Return the image's own string: a hundred thousand copies take megabytes.
        return None if entry is None or entry.is_dir else entry.path

    def of_modules(self, site: ImagePath, modules: Iterable[str]) -> Iterator[ImagePath]:
        """Yield the files of top-level modules in `site`: `m.py`, `m.*.so` and all below `m/`."""
        wanted = set(modules)
        for path in self._rootfs.children(site):
            entry, name = self._rootfs[path], path.rpartition("/")[2]
            if entry.is_dir:
                if name in wanted:
                    yield from self.inside(path)
            elif module_of(name) in wanted:
                yield path

    def inside(self, directory: ImagePath) -> Iterator[ImagePath]:
        """Yield every path below `directory` except directories."""
        return (entry.path for entry in self._rootfs.below(directory) if not entry.is_dir)


def module_of(name: str) -> str:
    """Return the module of a file name (`a.py`, `b.cpython-311-x86_64-linux-gnu.so`), or ""."""
    if name.endswith(".py"):
        return name.removesuffix(".py")
    match = _EXTENSION.match(name)
    return match.group(1) if match is not None else ""


def top_level_modules(site: ImagePath, files: Iterable[ImagePath]) -> tuple[str, ...]:
    """Return the sorted top-level import names of a distribution's files.

    These are modules in `site`, and directories in it with modules anywhere below.
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
    """Return files that state a licence: in the dist-info's `licenses` (PEP 639), or by name."""
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
