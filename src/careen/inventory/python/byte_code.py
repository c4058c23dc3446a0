"""Byte code of Python modules: the owner of `m.py` also owns its files in `__pycache__`."""

import re
from collections.abc import Iterable

from careen.inventory.allowance import Allowance
from careen.model.paths import ImagePath, join
from careen.oci.tree.rootfs import Rootfs

_COMPILED = re.compile(r"(.+?)\.(?:cpython|pypy|graalpy)")


class ByteCode:
    """The `__pycache__` directories (PEP 3147), each read once."""

    def __init__(self, rootfs: Rootfs, allowance: Allowance) -> None:
        self._rootfs = rootfs
        self._allowance = allowance
        self._by_directory: dict[ImagePath, dict[str, list[ImagePath]]] = {}

    def added_to(self, files: Iterable[ImagePath], where: ImagePath) -> tuple[ImagePath, ...]:
        """Return the files of the list at `where`, each module followed by its byte code.

        Every file occurs once. Raises ImageError when the allowance is used up.
        """
        out: dict[ImagePath, None] = {}
        for path in files:
            out[path] = None
            if path.endswith(".py"):
                directory, _, name = path.rpartition("/")
                compiled = self._of(ImagePath(directory or "/")).get(name.removesuffix(".py"), ())
                self._allowance.take(len(compiled), where)
                out.update(dict.fromkeys(compiled))
        return tuple(out)

    def _of(self, directory: ImagePath) -> dict[str, list[ImagePath]]:
        known = self._by_directory.get(directory)
        if known is None:
            known = self._by_directory[directory] = {}
            for path in self._rootfs.children(join(directory, "__pycache__")):
                stem, ending, _ = path.rpartition("/")[2].rpartition(".pyc")
                match = _COMPILED.match(stem) if ending and path.endswith(ending) else None
                if match is not None and self._rootfs[path].is_file:
                    known.setdefault(match.group(1), []).append(path)
        return known
