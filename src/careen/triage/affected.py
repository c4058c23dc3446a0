"""Files of a package that a finding is about.

That is the vulnerable code if the advisory names it and it is found, else the package's code.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.model.findings.advisory import ImportedCode
from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.triage.roles import code_of

PACKAGE = "package"
VULNERABLE_CODE = "vulnerable code"

_BYTE_CODE = re.compile(r"/__pycache__/([^/]+?)\.(?:cpython|pypy|graalpy)[^/]*\.pyc\Z")
_TAG = re.compile(r"\.(?:cpython|pypy|graalpy|abi3)")
_INIT = re.compile(r"/(?:__pycache__/)?__init__\.[^/]+\Z")
_PYTHON = frozenset({Ecosystem.PYPI, Ecosystem.CONDA})


@dataclass(frozen=True, slots=True)
class Affected:
    """The affected files.

    `scope` is `package` or `vulnerable code`. `files` excludes metadata, licences and
    documentation.
    """

    scope: str
    files: tuple[ImagePath, ...]


class AffectedFiles:
    """Affected files of one scan's packages; each package's files are examined once."""

    def __init__(self) -> None:
        self._whole: dict[str, Affected] = {}
        self._named: dict[tuple[str, tuple[ImportedCode, ...]], Affected] = {}
        self._modules: dict[str, Modules] = {}

    def of(self, package: Package, finding: Finding) -> Affected:
        """Return the affected files of a finding.

        The whole package is affected unless all modules named by the advisory are found in it.
        """
        return self._of(package, finding.code)

    def whole(self, package: Package) -> Affected:
        """Return the code of a package, whatever the finding."""
        return self._of(package, ())

    def vulnerable(self, package: Package, code: tuple[ImportedCode, ...]) -> tuple[ImagePath, ...]:
        """Return the files with this code; none if any part of it is not found."""
        affected = self._of(package, code)
        return affected.files if affected.scope == VULNERABLE_CODE else ()

    def _of(self, package: Package, code: tuple[ImportedCode, ...]) -> Affected:
        whole = self._whole.get(package.purl)
        if whole is None:
            whole = self._whole[package.purl] = Affected(PACKAGE, code_of(package))
        if not code or package.ecosystem not in _PYTHON:
            # A Go import path or a Java class has no file of its own.
            return whole
        key = (package.purl, code)
        known = self._named.get(key)
        if known is None:
            known = self._named[key] = self._find(package, whole, code)
        return known

    def _find(self, package: Package, whole: Affected, codes: tuple[ImportedCode, ...]) -> Affected:
        modules = self._modules.get(package.purl)
        if modules is None:
            modules = self._modules[package.purl] = Modules(whole.files)
        found: dict[ImagePath, None] = {}
        for code in codes:
            files = modules.named(code.path)
            if not files:
                return whole
            found.update(dict.fromkeys(files))
        return Affected(VULNERABLE_CODE, tuple(found))


class Modules:
    """Index of the Python modules among some files by dotted name."""

    def __init__(self, files: Iterable[ImagePath]) -> None:
        # Reversed and sorted, a name is a prefix that bisection finds. An image can hold many
        # modules of one name.
        self._files = sorted(files)
        self._backwards = sorted(
            (stem[::-1], path) for path in self._files if (stem := _module_path(path))
        )

    def named(self, name: str) -> tuple[ImagePath, ...]:
        """Return the files of `torch.serialization` or `torch/serialization.py`.

        If the name is not found, its last part may be a class or function: the module before it
        counts. A package gives all files below its folder.
        """
        dotted = name.strip("/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return self._ending(dotted) or self._ending(dotted.rpartition(".")[0])

    def _ending(self, dotted: str) -> tuple[ImagePath, ...]:
        if not dotted:
            return ()
        start = ("/" + dotted.replace(".", "/"))[::-1]
        found = dict.fromkeys(_starting(self._backwards, start))
        folders = sorted(
            {path[: init.start() + 1] for path in found if (init := _INIT.search(path)) is not None}
        )
        # What an `__init__` exports is mostly defined in another file. An image can nest a thousand
        # folders of one name: visit each file once.
        for folder in _outermost(folders):
            found.update(dict.fromkeys(_below(self._files, folder)))
        return tuple(found)


def _starting(pairs: Sequence[tuple[str, ImagePath]], start: str) -> Iterator[ImagePath]:
    for i in range(bisect_left(pairs, (start,)), len(pairs)):
        stem, path = pairs[i]
        if not stem.startswith(start):
            return
        yield path


def _outermost(folders: Iterable[str]) -> Iterator[str]:
    """Yield the sorted folders that are not inside another one; each ends with `/`."""
    last = ""
    for folder in folders:
        if not last or not folder.startswith(last):
            last = folder
            yield folder


def _below(paths: Sequence[ImagePath], folder: str) -> Iterator[ImagePath]:
    for i in range(bisect_left(paths, folder), len(paths)):
        if not paths[i].startswith(folder):
            return
        yield paths[i]


def _module_path(path: ImagePath) -> str:
    """Return a module's path without suffix: `/site-packages/a/b`; "" if it is not a module.

    Covers a/b.py, a/b/__init__.py, their byte code, and a/b.cpython-311-x86_64-linux-gnu.so.
    """
    compiled = _BYTE_CODE.search(path)
    if compiled is not None:
        stem = f"{path[: compiled.start()]}/{compiled.group(1)}"
    elif path.endswith((".py", ".pyc")):
        stem = path.rpartition(".")[0]
    else:
        if not path.endswith((".so", ".pyd")):
            return ""
        tag = _TAG.search(path, path.rfind("/") + 1)
        stem = path[: tag.start()] if tag else path.rpartition(".")[0]
    return stem.removesuffix("/__init__")
