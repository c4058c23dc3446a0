"""Resolution of the paths that package managers list to existing files."""

from collections.abc import Iterable, Mapping, Sequence

from careen.errors import ImageError
from careen.formats.identity import is_plain
from careen.inventory.allowance import Allowance
from careen.inventory.python.byte_code import ByteCode
from careen.inventory.unknowns import Unknowns
from careen.model.paths import ROOT, ImagePath, image_path
from careen.oci.tree.real_paths import RealPaths
from careen.oci.tree.rootfs import Rootfs

_MAX_BAD_PATHS = 5  # Unknowns per list; a million of them say no more


class InstalledFiles:
    """Resolver of listed paths, with one allowance for all lists of an ecosystem."""

    def __init__(self, rootfs: Rootfs, allowance: Allowance, unknowns: Unknowns) -> None:
        self._rootfs = rootfs
        self._real = RealPaths(rootfs)
        self._allowance = allowance
        self._byte_code = ByteCode(rootfs, allowance)
        self._unknowns = unknowns
        self._head = ""
        self._directory = ROOT

    def existing(
        self, paths: Iterable[str], record: ImagePath, prefix: ImagePath = ROOT
    ) -> tuple[ImagePath, ...]:
        """Return the existing `paths` below `prefix`, without directories, each once.

        Links of their directories are resolved. Raises ImageError when the allowance is used up.
        """
        out: dict[ImagePath, None] = {}
        bad = 0
        base = "" if prefix == ROOT else prefix
        for text in self._allowance.counted(paths, record):
            try:
                found = self._real.find(self._path(f"{base}/{text}"))
            except ImageError as error:
                bad += 1
                if bad <= _MAX_BAD_PATHS:
                    self._unknowns.add(record, error)
                continue
            if found is not None and not self._rootfs[found].is_dir:
                out[found] = None
        return tuple(out)

    def _path(self, text: str) -> ImagePath:
        """Return the normalised path, as `image_path`, but check a repeated directory once."""
        # A directory can have two thousand components.
        head, _, last = text.rpartition("/")
        if head != self._head:
            self._directory = image_path(head, "listed file")
            self._head = head
        name = image_path(last, "listed file")
        return (
            name if self._directory == ROOT else ImagePath(f"{self._directory}{name.rstrip('/')}")
        )

    def with_byte_code(
        self, lists: Sequence[tuple[ImagePath, ...]], record: ImagePath
    ) -> tuple[tuple[ImagePath, ...], ...]:
        """Return the lists, each with the byte code of its modules that no list contains.

        Raises ImageError when the allowance is used up.
        """
        # Byte code that the interpreter wrote later belongs to its module's package.
        listed = {path for files in lists for path in files if path.endswith(".pyc")}
        out: list[tuple[ImagePath, ...]] = []
        for files in lists:
            own = dict.fromkeys(files)
            out.append(
                tuple(
                    path
                    for path in self._byte_code.added_to(files, record)
                    if path in own or path not in listed
                )
            )
        return tuple(out)


def licence_files(files: Iterable[ImagePath]) -> tuple[ImagePath, ...]:
    """Return the files in the directory where distributions put licences."""
    return tuple(path for path in files if path.startswith("/usr/share/licenses/"))


def qualified(**qualifiers: str) -> Mapping[str, str]:
    """Return the purl qualifiers whose value is one plain word."""
    return {name: value for name, value in qualifiers.items() if value and is_plain(value)}


def printable(text: str) -> str:
    """Return text for documents, surrogate escapes replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
