"""Images of any size and number of files, and RBOMs that use a part of them, made in one pass."""

import hashlib
import io
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from careen.model.digest import Digest
from careen.model.entry import EntryKind
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, ImageRef, Run, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Use
from careen.oci.hashing import digest_of_bytes
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.rbom.store import write_rbom

PACKAGE = 100  # files of one distribution
WEIGHTS = 8  # distributions that hold one large file
USED_EVERY = 3  # of these distributions, all modules (and the large file) of one are used
BLOCK = 1 << 20
SITE = "usr/lib/python3.11/site-packages"
MODULE = b"def answer(question):\n    return question\n" * 8
USES = (FileUse(Use.OPENED, frozenset({Phase.START}), "", "bench"),)


@dataclass(slots=True)
class _Layer:
    """A tar file under way: hashed while it is written, and the record of what is used of it."""

    out: io.BufferedWriter
    hasher: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size: int = 0
    folders: set[str] = field(default_factory=set)
    used: list[tuple[str, str, int]] = field(default_factory=list)

    def write(self, data: bytes) -> None:
        self.hasher.update(data)
        self.out.write(data)
        self.size += len(data)

    def enter(self, name: str) -> None:
        """Write the directories above `name` that are not there yet."""
        parts = name.split("/")[:-1]
        for count in range(1, len(parts) + 1):
            folder = "/".join(parts[:count])
            if folder not in self.folders:
                self.folders.add(folder)
                self.write(header(TarHeaderFields(folder, EntryKind.DIRECTORY, 0o755)))

    def file(self, name: str, content: bytes, times: int = 1, *, used: bool = False) -> None:
        """Write a file of `content`, `times` over."""
        self.enter(name)
        size = len(content) * times
        self.write(header(TarHeaderFields(name, EntryKind.FILE, 0o644, size=size)))
        hasher = hashlib.sha256()
        for _ in range(times):
            self.write(content)
            if used:
                hasher.update(content)
        self.write(bytes(padding(size)))
        if used:
            self.used.append((f"/{name}", hasher.hexdigest(), size))


def _distribution(layer: _Layer, number: int, weights: tuple[bytes, int]) -> None:
    """Write one distribution of 100 files, as pip leaves it; with `weights`, content and how many
    times, if that is not 0.
    """
    name = f"package{number:05}"
    info = f"{name}-1.0.dist-info"
    modules = [
        f"{name}/part{i // 20}/module{i:03}.py" for i in range(PACKAGE - (4 if weights[1] else 3))
    ]
    large = [f"{name}/weights.bin"] if weights[1] else []
    listed = [f"{name}/__init__.py", *modules, *large, f"{info}/METADATA", f"{info}/RECORD"]
    used = number % USED_EVERY == 0
    for path, content in ((listed[0], b""), *((module, MODULE) for module in modules)):
        layer.file(f"{SITE}/{path}", content, used=used)
    for path in large:
        layer.file(f"{SITE}/{path}", *weights, used=used)
    layer.file(
        f"{SITE}/{listed[-2]}", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    )
    layer.file(f"{SITE}/{listed[-1]}", "".join(f"{path},,\n" for path in listed).encode())


def _fill(layer: _Layer, files: int, size: int) -> None:
    """Write the distributions; those with a large file come last, when it is known how much is
    missing.
    """
    # content, not a secret; deflate does not see that it is the same over and over
    block = random.Random(1).randbytes(BLOCK)  # noqa: S311
    for number in range(WEIGHTS, files // PACKAGE):
        _distribution(layer, number, (b"", 0))
    times = max(0, size - layer.size) // WEIGHTS // BLOCK
    for number in range(WEIGHTS):
        _distribution(layer, number, (block, times))
    layer.write(END)


def write_image(archive: Path, rbom: Path, files: int, size: int) -> None:
    """Write a docker archive of one layer with about `files` files and `size` bytes, and an RBOM
    that uses a third of its distributions, large files included. There are 800 files or more.
    """
    with archive.open("wb") as out:
        out.write(bytes(512))  # the layer's header, once its size is known
        layer = _Layer(out)
        _fill(layer, files, size)
        out.write(bytes(padding(layer.size)))
        diff_id = Digest(layer.hasher.hexdigest())
        rootfs = {"type": "layers", "diff_ids": [str(diff_id)]}
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": ["/bin/true"]},
                "rootfs": rootfs,
            }
        ).encode()
        name = f"{digest_of_bytes(config).hex}.json"
        manifest = json.dumps(
            [{"Config": name, "RepoTags": None, "Layers": ["layer.tar"]}]
        ).encode()
        for path, data in ((name, config), ("manifest.json", manifest)):
            out.write(
                header(TarHeaderFields(path, EntryKind.FILE, 0o644, size=len(data)))
                + data
                + bytes(padding(len(data)))
            )
        out.write(END)
        out.seek(0)
        out.write(header(TarHeaderFields("layer.tar", EntryKind.FILE, 0o644, size=layer.size)))
    rbom.write_bytes(write_rbom(_bom(layer, str(digest_of_bytes(config)), str(diff_id))))


def _bom(layer: _Layer, config_digest: str, diff_id: str) -> RuntimeBom:
    sensor = SensorInfo(
        SensorKind.EBPF, "6.0", "x86_64", ("bench",), frozenset(Use), {"ring_full": 0}
    )
    run = Run(
        "bench", ("/bin/true",), "2026-01-01T00:00:00Z", 1.0, (), "readiness only", sensor, "docker"
    )
    return RuntimeBom(
        image=ImageRef("bench", None, config_digest, (diff_id,), "linux/amd64"),
        runs=(run,),
        files=tuple(
            UsedFile(ImagePath(path), "file", sha256, size, diff_id, (), USES)
            for path, sha256, size in sorted(layer.used)
        ),
        missed=(),
        syscalls={},
        endpoints=(),
        packages={},
    )
