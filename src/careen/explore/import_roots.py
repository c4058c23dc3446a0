"""The Python of the image that the workload ran, and its search path."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.image import ImageConfig
from careen.model.paths import ROOT, ImagePath, join, name, parent
from careen.model.rbom import RuntimeBom, UsedFile
from careen.oci.tree.rootfs import Rootfs

_PYTHON = re.compile(r"python(?:3(?:\.\d{1,2})?)?\Z")
_LIBRARY = re.compile(r"python3\.\d{1,2}\Z")
_MODULE = re.compile(r"[A-Za-z_]\w{0,127}\Z")
_SITES = ("site-packages", "dist-packages")
_KINDS = (".py", ".pyc", ".so")
SHARED = frozenset(
    {
        "/",
        "/usr",
        "/usr/local",
        "/opt",
        "/home",
        "/etc",
        "/var",
        "/srv",
        "/tmp",  # noqa: S108
        "/lib",
        "/usr/lib",
        "/usr/local/lib",
    }
)
"""Directories with more than one application; only files directly in them are considered."""


@dataclass(frozen=True, slots=True)
class Python:
    """A Python interpreter of the image and the directories of its modules.

    `interpreter` is the program to start (that of a virtual environment, if one was used).
    `imported` maps the loaded modules to their files. `own` are the application's directories,
    `sites` those of distributions, `standard` those of the standard library.
    """

    interpreter: ImagePath
    imported: dict[str, ImagePath]
    own: tuple[ImagePath, ...]
    sites: tuple[ImagePath, ...]
    standard: tuple[ImagePath, ...]

    @property
    def roots(self) -> tuple[ImagePath, ...]:
        """All directories, in the order of the module search."""
        return (*self.own, *self.standard, *self.sites)

    def is_standard(self, path: ImagePath) -> bool:
        """Return whether a file belongs to the standard library."""
        # site-packages may be below the standard library's directory.
        return _below(path, self.standard) and not _below(path, self.sites)


def _below(path: ImagePath, roots: Iterable[ImagePath]) -> bool:
    return path.startswith(tuple(f"{root}/" for root in roots))


def find_python(rootfs: Rootfs, bom: RuntimeBom, config: ImageConfig) -> Python | None:
    """Return the interpreter that loaded the most modules of the image, or None."""
    files = [file for file in bom.without_exploration().files if file.path.endswith(_KINDS)]
    counts = Counter(
        use.executable
        for file in files
        for use in file.uses
        if _PYTHON.match(posixpath.basename(use.executable))
    )
    known = {executable: number for executable, number in counts.items() if executable in rootfs}
    if not known:
        return None
    ran = ImagePath(min(known, key=lambda executable: (-known[executable], executable)))
    given = _given(rootfs, bom, config)
    own, sites, standard = Counter[ImagePath](), Counter[ImagePath](), Counter[ImagePath]()
    kinds = {"own": own, "site": sites, "standard": standard}
    imported: dict[str, ImagePath] = {}
    for file in files:
        if all(use.executable != ran for use in file.uses):
            continue
        root, kind = _root(rootfs, file.path, given)
        module = module_name(file.path, root)
        if module is None:
            continue
        kinds[kind][root] += 1
        imported.setdefault(module, file.path)
    if not imported:
        return None
    return Python(
        _started(rootfs, bom.files, ran), imported, _by_use(own), _by_use(sites), _by_use(standard)
    )


def _by_use(counts: "Counter[ImagePath]") -> tuple[ImagePath, ...]:
    return tuple(sorted(counts, key=lambda root: (-counts[root], root)))


def module_name(path: ImagePath, root: ImagePath) -> str | None:
    """Return the dotted name of a module's file below `root`, or None if it is not a module.

    The file may be source, byte code or a compiled module.
    """
    parts = path.removeprefix(root.rstrip("/") + "/").split("/")
    if len(parts) > 1 and parts[-2] == "__pycache__":
        del parts[-2]
    stem, _, kind = parts.pop().partition(".")
    if kind.rpartition(".")[2] not in ("py", "pyc", "so") or (
        kind.endswith("so") and kind.count(".") > 1 and not kind.startswith("cpython")
    ):
        return None
    if stem != "__init__":
        parts.append(stem)
    return ".".join(parts) if parts and all(_MODULE.match(part) for part in parts) else None


def _root(rootfs: Rootfs, path: ImagePath, given: frozenset[ImagePath]) -> tuple[ImagePath, str]:
    """Return the directory that a module's name is relative to, and its kind."""
    parts = path.split("/")
    for site in _SITES:
        if site in parts:
            at = len(parts) - parts[::-1].index(site)
            return ImagePath("/".join(parts[:at])), "site"
    for at, part in enumerate(parts):
        if at and _LIBRARY.match(part) and parts[at - 1] in ("lib", "lib64"):
            deeper = at + 2 if parts[at + 1 : at + 2] == ["lib-dynload"] else at + 1
            return ImagePath("/".join(parts[:deeper])), "standard"
    directory = parent(path)
    if name(directory) == "__pycache__":
        directory = parent(directory)
    while directory != ROOT and join(directory, "__init__.py") in rootfs:
        directory = parent(directory)
    above = directory
    while above != ROOT:
        if above in given:
            return above, "own"
        above = parent(above)
    return directory, "own"


def _given(rootfs: Rootfs, bom: RuntimeBom, config: ImageConfig) -> frozenset[ImagePath]:
    """Return the directories that a Python of this image searches.

    They are in PYTHONPATH, the working directory, and those of scripts on command lines.
    """
    named: list[str] = [config.working_dir, *config.env.get("PYTHONPATH", "").split(":")]
    scripts = (word for run in bom.runs for word in run.command if word.endswith(".py"))
    named += [posixpath.dirname(posixpath.join(config.working_dir, word)) for word in scripts]
    found = (rootfs.walk(text).final for text in named if text.startswith("/"))
    return frozenset(
        entry.path
        for entry in found
        if entry is not None and entry.is_dir and entry.path not in SHARED
    )


def _started(rootfs: Rootfs, files: Iterable[UsedFile], ran: ImagePath) -> ImagePath:
    """Return the program of the virtual environment that was used, else the interpreter itself."""
    for file in files:
        if name(file.path) != "pyvenv.cfg":
            continue
        for program in ("python3", "python"):
            candidate = join(parent(file.path), "bin", program)
            walk = rootfs.walk(candidate)
            if walk.final is not None and walk.final.path == ran:
                return candidate
    return ran
