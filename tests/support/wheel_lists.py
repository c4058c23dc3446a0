"""Images made of the file lists of public CUDA wheels: `tests/data/gpu_wheels.txt.gz` has their
names, sizes and ELF dependencies, no content.

The list has a block for each wheel, read from its zip directory (and, for libraries up to some
hundred MB, from their dynamic sections):

    wheel NAME VERSION
    requires REQUIREMENT                      Requires-Dist, those of extras left out (but for
                                              cuda-toolkit, of which torch asks for extras)
    points GROUP COUNT                        entry points
    in DIRECTORY                              below site-packages; then its files:
     NAME SIZE [| NEEDED | RUNPATH | names of libraries in its bytes]
     *.SUFFIX SIZE COUNT                      sources, headers and the like, taken together

In the image such a group is one file of that size. Files have their real sizes in the tree, and
just enough content to be recognised.
"""

import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

from careen.inventory.python import find as python
from careen.inventory.scan import scan
from careen.model.entry import Entry, EntryKind
from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory, Package
from careen.model.paths import ImagePath, ancestors
from careen.model.plan import Level, Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.rules import load_rules
from careen.plan.decide import Policy, decide
from tests.support.plans import Case, Files, elf, scene_of
from tests.support.trees import Exec

LIST = Path(__file__).parents[1] / "data" / "gpu_wheels.txt.gz"
SITE = "/usr/local/lib/python3.11/site-packages"
STDLIB = "/usr/local/lib/python3.11"
RULES = load_rules()


@dataclass(slots=True)
class Wheel:
    """One wheel: `files` by their path below site-packages with their sizes, `libraries` with what
    their dynamic sections and bytes name.
    """

    name: str
    version: str
    requires: list[str] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    libraries: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def info(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}.dist-info"

    def named(self, *ends: str) -> set[str]:
        """The paths, in the image, of files whose name ends so or has that in it."""
        return {
            f"{SITE}/{path}"
            for path in self.files
            if any(end in path.rpartition("/")[2] for end in ends)
        }


@cache
def wheels() -> Mapping[str, Wheel]:
    """Read the list, by name."""
    out: dict[str, Wheel] = {}
    directory = ""
    for line in gzip.decompress(LIST.read_bytes()).decode().splitlines():
        word, _, rest = line.partition(" ")
        if word == "wheel":
            name, version = rest.split()
            wheel = out[name] = Wheel(name, version)
        elif word == "requires":
            wheel.requires.append(rest)
        elif word == "points":
            group, count = rest.split()
            wheel.points[group] = int(count)
        elif word == "in":
            directory = rest
        else:
            _read_file(wheel, directory, rest)
    return out


def _read_file(wheel: Wheel, directory: str, line: str) -> None:
    head, *details = line.split(" | ") if " |" in line else (line,)
    name, size, *count = head.split(" ")
    path = f"{directory}/{name.replace('*', f'_{count[0]}_more') if count else name}".removeprefix(
        "/"
    )
    wheel.files[path] = int(size)
    if details:
        needed, runpath, names = (*(item.strip() for item in details), "", "")[:3]
        wheel.libraries[path] = (tuple(needed.split()), runpath, tuple(names.split()))


class _Content:
    """Content by path, else the smallest that a file of that name can have."""

    def __init__(self, data: Mapping[ImagePath, bytes]) -> None:
        self._data = data

    def open(self, entry: Entry) -> BinaryIO:
        return io.BytesIO(self._data.get(entry.path, b""))


def _contents(wheel: Wheel, site: str) -> Iterator[tuple[str, bytes]]:
    head = f"Metadata-Version: 2.1\nName: {wheel.name}\nVersion: {wheel.version}\n" + "".join(
        f"Requires-Dist: {item}\n" for item in wheel.requires
    )
    yield f"{site}/{wheel.info}/METADATA", head.encode()
    yield (
        f"{site}/{wheel.info}/RECORD",
        "".join(
            f"{path},,\n"
            for path in (*wheel.files, f"{wheel.info}/METADATA", f"{wheel.info}/RECORD")
        ).encode(),
    )
    if wheel.points:
        groups = "".join(
            f"[{group}]\n" + "".join(f"p{number} = m:f\n" for number in range(count))
            for group, count in wheel.points.items()
        )
        yield f"{site}/{wheel.info}/entry_points.txt", groups.encode()
    for path in wheel.files:
        if ".so" in path.rpartition("/")[2]:
            needed, runpath, names = wheel.libraries.get(path, ((), "", ()))
            yield (
                f"{site}/{path}",
                elf(
                    needed,
                    runpath=runpath,
                    text=b"".join(b"\0" + item.encode() + b"\0" for item in names),
                ),
            )
        elif "/bin/" in f"/{path}":
            yield f"{site}/{path}", elf()


@dataclass(frozen=True, slots=True)
class GpuImage:
    """An image of some wheels with `files` around them."""

    rootfs: Rootfs
    inventory: Inventory
    bom: RuntimeBom
    config: ImageConfig

    def plan(self, level: Level = Level.CLOSURE, without: AbstractSet[str] = frozenset()) -> Plan:
        """Decide by careen's own rules, less the rules and mechanisms of these ids."""
        return decide(
            self.rootfs,
            self.inventory,
            self.bom,
            self.config,
            Policy(level, (), (), RULES, "a" * 64),
            without=without,
        )

    def size(self, paths: Iterable[str]) -> int:
        return sum(
            entry.size
            for path in paths
            if (entry := self.rootfs.get(ImagePath(path))) is not None and entry.is_file
        )


def gpu_image(
    names: Iterable[str],
    used: Mapping[str, Use],
    files: Files | None = None,
    debs: tuple[Package, ...] = (),
    run: Mapping[str, object] | None = None,
    site: str = SITE,
) -> GpuImage:
    """Return the image of these wheels, on a small glibc with a Python, of which `used` was
    observed; `debs` own some of `files`.
    """
    base = {
        f"{STDLIB}/os.py": "",
        f"{STDLIB}/encodings/__init__.py": "",
        "/usr/local/bin/python3.11": elf(("libc.so.6",), interpreter="/lib64/ld-linux-x86-64.so.2"),
        "/lib64/ld-linux-x86-64.so.2": elf(),
        "/lib/x86_64-linux-gnu/libc.so.6": elf(),
        **(files or {}),
    }
    case = Case(
        base, {"/usr/local/bin/python3.11": Use.EXECUTED, **used}, (), packages=debs, run=run or {}
    )
    small, owned, bom, config = scene_of(case)
    entries = {entry.path: entry for entry in small}
    data: dict[ImagePath, bytes] = {
        entry.path: small.open(entry.path).read() for entry in small if entry.is_file
    }
    for name in names:
        _add(wheels()[name], site, entries, data)
    rootfs = Rootfs(entries, _Content(data))
    found = scan(rootfs, (python,))
    return GpuImage(
        rootfs,
        Inventory(
            {**owned.packages, **found.packages}, {**owned.owners, **found.owners}, found.unknowns
        ),
        bom,
        config,
    )


def _add(
    wheel: Wheel, site: str, entries: dict[ImagePath, Entry], data: dict[ImagePath, bytes]
) -> None:
    contents = dict(_contents(wheel, site))
    sizes = {f"{site}/{path}": size for path, size in wheel.files.items()}
    for path, size in {
        **{path: len(content) for path, content in contents.items()},
        **sizes,
    }.items():
        mode = 0o755 if isinstance(contents.get(path), Exec) else 0o644
        entries[ImagePath(path)] = Entry(
            ImagePath(path), EntryKind.FILE, mode, 0, 0, size, 0.0, 0, len(entries) + 1
        )
        for above in ancestors(ImagePath(path)):
            if above not in entries:
                entries[above] = Entry(
                    above, EntryKind.DIRECTORY, 0o755, 0, 0, 0, 0.0, 0, len(entries) + 1
                )
    data.update({ImagePath(path): bytes(content) for path, content in contents.items()})
