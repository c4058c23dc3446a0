"""Index of the paths that a plan removes, searched by what messages mention."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.model.paths import ROOT, ImagePath, name, parent
from careen.oci.tree.rootfs import Rootfs
from careen.repair.mentions import Mention

MAX_MATCHES = 64
MAX_BELOW = 5000
MAX_JARS = 200
_PROGRAMS = frozenset({"bin", "sbin"})
_SITES = ("site-packages", "dist-packages")
_MODULE_ENDS = (".py", ".so", ".pyc", ".pyd")


class Removed:
    """Index of removed paths.

    Results are in path order and have only removed paths, at most 64 for a bare name.
    """

    def __init__(self, rootfs: Rootfs, removed: Iterable[ImagePath]) -> None:
        self.rootfs = rootfs
        self.paths = frozenset(removed)
        self._budget = ZipBudget(run=rootfs.budget)  # shared by all searches for classes

    def __contains__(self, path: object) -> bool:
        return path in self.paths

    @cached_property
    def _named(self) -> dict[str, list[ImagePath]]:
        out: dict[str, list[ImagePath]] = {}
        for path in sorted(self.paths):
            out.setdefault(name(path), []).append(path)
        return out

    @cached_property
    def _stems(self) -> dict[str, list[ImagePath]]:
        """Removed Python modules by the last part of their dotted name.

        `/x/a/b.cpython-311.so` is listed as `b`, `/x/a/__init__.py` as `a`.
        """
        return _by_stem(sorted(self.paths))

    @cached_property
    def _kept_stems(self) -> dict[str, list[ImagePath]]:
        return _by_stem(entry.path for entry in self.rootfs if entry.path not in self.paths)

    def at(self, text: str, base: ImagePath = ROOT) -> tuple[ImagePath, ...]:
        """Return the removed links on the way to `text`, and its removed end with all below it."""
        walk = self.rootfs.walk(text, base)
        found = [link for link in walk.links if link in self.paths]
        if walk.final is not None:
            found += self.whole(walk.final.path)
        return tuple(found)

    def whole(self, path: ImagePath) -> tuple[ImagePath, ...]:
        """Return a removed path with all removed paths below it; above 5000, only the path."""
        if path not in self.paths:
            return ()
        entry = self.rootfs.get(path)
        below = self.below(path) if entry is not None and entry.is_dir else ()
        return (path, *below) if len(below) <= MAX_BELOW else (path,)

    def below(self, directory: ImagePath) -> tuple[ImagePath, ...]:
        """Return all removed paths below a directory."""
        return tuple(
            entry.path for entry in self.rootfs.below(directory) if entry.path in self.paths
        )

    def ending(self, suffix: str) -> tuple[ImagePath, ...]:
        """Return the removed paths that end with these components."""
        tail = "/".join(part for part in suffix.split("/") if part not in ("", ".", ".."))
        if not tail:
            return ()
        found = [
            path
            for path in self._named.get(tail.rpartition("/")[2], ())
            if path.endswith(f"/{tail}")
        ]
        return tuple(item for path in found[:MAX_MATCHES] for item in self.whole(path))

    def meant(self, mention: Mention) -> tuple[ImagePath, ...]:
        """Return the removed paths that a mention may stand for."""
        match mention.kind:
            case "module":
                return self.module(mention.name)
            case "command":
                return self._command(mention.name) or self.ending(mention.name)
            case "encoding":
                return self.module(f"encodings.{mention.name.lower().replace('-', '_')}")
            case "distribution":
                return tuple(self._distribution(mention.name))
            case "library":
                return (
                    self.at(mention.name)
                    if mention.name.startswith("/")
                    else self.ending(mention.name)
                )
            case "class":
                return self._class(mention.name.replace(".", "/").rstrip(";"))
            case "node":
                return self._node(mention.name)
            case "ruby":
                return tuple(
                    path
                    for end in (".rb", ".so", "")
                    for path in self.ending(f"{mention.name}{end}")
                )
            case "zone":
                return self.ending(f"zoneinfo/{mention.name}")
            case "locale":
                return (
                    *self.ending(f"locale/{mention.name}"),
                    *self.ending(f"locale/{mention.name.replace('UTF-8', 'utf8')}"),
                )
            case "path" if mention.name.startswith("/"):
                return self.at(mention.name)
            case _:
                return self.ending(mention.name)

    def module(self, dotted: str) -> tuple[ImagePath, ...]:
        """Return the files of a Python module and its parent packages.

        For a package, its direct modules are included, as they import each other. Directories that
        are partly kept are preferred; without any, a module that is kept elsewhere is not missing.
        """
        parts = [part for part in dotted.split(".") if part]
        found: dict[
            str, dict[ImagePath, None]
        ] = {}  # by the directory that it would be imported from
        for count in range(1, min(len(parts), 64) + 1):
            tail = "/".join(parts[:count])
            for path in self._stems.get(parts[count - 1], ())[: MAX_MATCHES * 16]:
                initial = name(path).startswith("__init__.")
                place = _place(path)
                # `hypothesis/extra/pytest.py` is not the module `pytest`.
                if not place.endswith(f"/{tail}") or self._is_packages_own(
                    ImagePath(place[: -len(tail) - 1] or "/")
                ):
                    continue
                out = found.setdefault(place[: -len(tail)], {})
                out[path] = None
                if initial and count == len(parts):
                    out.update(dict.fromkeys(self._modules_in(parent(path))))
        live = [root for root in found if self._in_use(ImagePath(root.rstrip("/") or "/"))]
        if not live and (
            self._is_kept(parts)
            or (not self._ends_with(parts, found) and self._is_kept(parts[:-1]))
        ):
            return ()  # the last part may be a name in a module
        return tuple(path for root in live or found for path in found[root])

    def _ends_with(self, parts: list[str], found: Mapping[str, Iterable[ImagePath]]) -> bool:
        return any(
            _place(path) == f"{root}{'/'.join(parts)}"
            for root, paths in found.items()
            for path in paths
        )

    def _is_kept(self, parts: list[str]) -> bool:
        """Return whether a module of that name is kept somewhere."""
        tail = "/" + "/".join(parts)
        return any(
            _place(path).endswith(tail)
            for path in self._kept_stems.get(parts[-1] if parts else "", ())[: MAX_MATCHES * 16]
        )

    def _is_packages_own(self, directory: ImagePath) -> bool:
        """Return whether a directory is a package in site-packages.

        Modules in it are not found by their bare name.
        """
        return (
            any(f"/{site}/" in directory for site in _SITES)
            and ImagePath(f"{directory}/__init__.py") in self.rootfs
        )

    def _in_use(self, directory: ImagePath) -> bool:
        return any(path not in self.paths for path in self.rootfs.children(directory))

    def _modules_in(self, directory: ImagePath) -> Iterator[ImagePath]:
        return (
            path
            for path in self.rootfs.children(directory)
            if path in self.paths and name(path).endswith(_MODULE_ENDS)
        )

    def _command(self, given: str) -> tuple[ImagePath, ...]:
        """Return the removed programs of that name in directories for programs."""
        found = [
            path
            for path in self._named.get(given, ())
            if name(parent(path)) in _PROGRAMS
            and (entry := self.rootfs.get(path))
            and not entry.is_dir
        ]
        return tuple(found[:MAX_MATCHES])

    def _distribution(self, given: str) -> Iterator[ImagePath]:
        wanted = _normal(given)
        for record in ("METADATA", "PKG-INFO"):
            for path in self._named.get(record, ()):
                folder = parent(path)
                if (
                    name(folder).endswith((".dist-info", ".egg-info"))
                    and _normal(name(folder).partition("-")[0]) == wanted
                ):
                    yield from (each for each in self.rootfs.children(folder) if each in self.paths)

    def _node(self, given: str) -> tuple[ImagePath, ...]:
        if given.startswith("/"):
            found = [
                path
                for end in ("", ".js", ".json", ".cjs", ".mjs", ".node")
                for path in self.at(f"{given}{end}")
            ]
            return (*found, *self.at(f"{given}/index.js"))
        if given.startswith("."):
            return tuple(
                path
                for end in ("", ".js", ".json", ".cjs", ".mjs", ".node")
                for path in self.ending(f"{given}{end}")
            )
        parts = given.split("/")
        package = "/".join(parts[: 2 if given.startswith("@") else 1])
        folders = [
            parent(path)
            for path in self._named.get("package.json", ())
            if path.endswith(f"/node_modules/{package}/package.json")
        ]
        whole = tuple(
            path
            for folder in folders[:MAX_MATCHES]
            for path in self.below(folder)[:MAX_BELOW]
            if "/node_modules/" not in path[len(folder) :]
        )
        return whole or tuple(
            path
            for end in ("", ".js", ".json", ".cjs", ".mjs")
            for path in self.ending(f"node_modules/{given}{end}")
        )

    def _class(self, inner: str) -> tuple[ImagePath, ...]:
        loose = self.ending(f"{inner}.class")
        if loose:
            return loose
        jars = sorted(path for path in self.paths if path.endswith((".jar", ".war")))[:MAX_JARS]
        return tuple(jar for jar in jars if self._holds(jar, f"{inner}.class"))[:MAX_MATCHES]

    def _holds(self, jar: ImagePath, member: str) -> bool:
        try:
            with (
                self.rootfs.open(jar) as stream,
                ZipArchive(stream, jar, budget=self._budget) as archive,
            ):
                return member in archive
        except (
            ImageError
        ):  # no archive, or a zip bomb: nothing was loaded from it on the original either
            return False


def _normal(text: str) -> str:
    return text.lower().replace("-", "_").replace(".", "_")


def _by_stem(paths: Iterable[ImagePath]) -> dict[str, list[ImagePath]]:
    out: dict[str, list[ImagePath]] = {}
    for path in paths:
        if path.endswith(_MODULE_ENDS) and "/__pycache__/" not in path:
            out.setdefault(name(_place(path)), []).append(path)
    return out


def _place(path: ImagePath) -> ImagePath:
    """Return a module's path without the file name's suffixes.

    `/x/a/b.cpython-311.so` gives `/x/a/b`, `/x/a/__init__.py` gives `/x/a`.
    """
    stem = name(path).partition(".")[0]
    return (
        parent(path)
        if stem == "__init__"
        else ImagePath(f"{parent(path)}/{stem}".replace("//", "/"))
    )
