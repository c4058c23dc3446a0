"""Which files of a package a finding is about: the vulnerable code where the advisory names it and it is found, else the package's code."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from careen.model.advisory import ImportedCode
from careen.model.finding import Finding
from careen.model.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.triage.roles import code_of

PACKAGE = "package"
VULNERABLE_CODE = "vulnerable code"

_BYTE_CODE = re.compile(r"/__pycache__/([^/]+?)\.(?:cpython|pypy|graalpy)[^/]*\.pyc\Z")
_EXTENSION = re.compile(r"(?:\.(?:cpython|pypy|graalpy|abi3)[^/]*)?\.(?:so|pyd)\Z")
_PYTHON = frozenset({Ecosystem.PYPI, Ecosystem.CONDA})


@dataclass(frozen=True, slots=True)
class Affected:
    """`scope` is `package` or `vulnerable code`; `files` are the affected ones, without what only tells of the package."""

    scope: str
    files: tuple[ImagePath, ...]


class AffectedFiles:
    """Answers for the packages of one scan; each package's files are gone through once, however many findings it has."""

    def __init__(self) -> None:
        self._code: dict[str, Affected] = {}
        self._modules: dict[str, Mapping[str, Sequence[ImagePath]]] = {}

    def of(self, package: Package, finding: Finding) -> Affected:
        """Return the affected files. Unless every module that the advisory names is found among the package's files, the whole package is affected."""
        whole = self._whole(package)
        vulnerable = self.vulnerable(package, finding.code)
        return Affected(VULNERABLE_CODE, vulnerable) if vulnerable else whole

    def vulnerable(self, package: Package, code: Sequence[ImportedCode]) -> tuple[ImagePath, ...]:
        """Return the files that hold this code: all of it, or none if any part of it is not found.

        A Go import path or a Java class has no file of its own: its carrier is all there is to look at, so nothing is found of it.
        """
        if package.ecosystem not in _PYTHON:
            return ()
        found: dict[ImagePath, None] = {}
        for part in code:
            files = self._module(package, self._whole(package), part.path)
            if not files:
                return ()
            found.update(dict.fromkeys(files))
        return tuple(found)

    def _whole(self, package: Package) -> Affected:
        whole = self._code.get(package.purl)
        if whole is None:
            whole = self._code[package.purl] = Affected(PACKAGE, code_of(package))
        return whole

    def _module(self, package: Package, whole: Affected, path: str) -> tuple[ImagePath, ...]:
        """Return the files of `torch.serialization`, `torch/serialization.py`, or of the module before a last part that is a class or function."""
        index = self._modules.get(package.purl)
        if index is None:
            index = self._modules[package.purl] = _by_last_name(whole.files)
        dotted = path.strip("/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return _files_of(index, dotted) or (_files_of(index, dotted.rpartition(".")[0]) if "." in dotted else ())


def _by_last_name(files: Sequence[ImagePath]) -> Mapping[str, Sequence[ImagePath]]:
    out: dict[str, list[ImagePath]] = {}
    for path in files:
        stem = _module_path(path)
        if stem:
            out.setdefault(stem.rpartition("/")[2], []).append(path)
    return out


def _files_of(index: Mapping[str, Sequence[ImagePath]], dotted: str) -> tuple[ImagePath, ...]:
    tail = "/" + dotted.replace(".", "/")
    return tuple(path for path in index.get(tail.rpartition("/")[2], ()) if _module_path(path).endswith(tail))


def _module_path(path: ImagePath) -> str:
    """Return `/site-packages/a/b` for a/b.py, a/b/__init__.py, their byte code, and a/b.cpython-311-x86_64-linux-gnu.so; "" for what is no module."""
    compiled = _BYTE_CODE.search(path)
    if compiled is not None:
        stem = f"{path[: compiled.start()]}/{compiled.group(1)}"
    elif path.endswith((".py", ".pyc")):
        stem = path.rpartition(".")[0]
    else:
        extension = _EXTENSION.search(path)
        if extension is None:
            return ""
        stem = path[: extension.start()]
    return stem.removesuffix("/__init__")
