"""A tiny image around one static program that says how its container looks from inside: for the
tests of engines.
"""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from careen.model.entry import Entry, EntryKind
from careen.model.image import ImageConfig
from careen.model.paths import ROOT, ImagePath
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import MemoryContent

PASSWD = "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1001:a worker:/home/worker:/bin/sh\n"
GROUP = "root:x:0:root\nwork:x:1001:\nextra:x:2000:worker\nmore:x:2001:other,worker\nnot:x:2002:workers\n"


def build_probe(directory: Path) -> bytes:
    """Compile the program and return its bytes."""
    out = directory / "probe"
    source = Path(__file__).with_name("probe.c")
    subprocess.check_call(["gcc", "-O1", "-static", "-o", str(out), str(source)])
    return out.read_bytes()


@dataclass(frozen=True)
class ProbeImage:
    """The image, as the embedded engine takes it (`rootfs()`, `config`, `ref`) and as docker takes
    it (`write`).
    """

    probe: bytes
    run: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[bytes, int, int, int]] = field(
        default_factory=dict
    )  # path: content, mode, uid, gid

    @property
    def _files(self) -> dict[str, tuple[bytes, int, int, int]]:
        return {
            "bin/probe": (self.probe, 0o755, 0, 0),
            "etc/group": (GROUP.encode(), 0o644, 0, 0),
            "etc/passwd": (PASSWD.encode(), 0o644, 0, 0),
            **{path.strip("/"): value for path, value in self.files.items()},
        }

    @property
    def _directories(self) -> dict[str, tuple[int, int, int]]:
        known = {
            "bin": (0o755, 0, 0),
            "etc": (0o755, 0, 0),
            "tmp": (0o1777, 0, 0),
            "home": (0o755, 0, 0),
            "home/worker": (0o750, 1000, 1001),
        }
        for path in self.files:
            parts = path.strip("/").split("/")[:-1]
            for i in range(len(parts)):
                known.setdefault("/".join(parts[: i + 1]), (0o755, 0, 0))
        return known

    def layer(self) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for path, (mode, uid, gid) in sorted(self._directories.items()):
                member = tarfile.TarInfo(path)
                member.type, member.mode, member.uid, member.gid = tarfile.DIRTYPE, mode, uid, gid
                tar.addfile(member)
            for path, (content, mode, uid, gid) in sorted(self._files.items()):
                member = tarfile.TarInfo(path)
                member.size, member.mode, member.uid, member.gid = len(content), mode, uid, gid
                tar.addfile(member, io.BytesIO(content))
        return out.getvalue()

    @property
    def config_bytes(self) -> bytes:
        digest = hashlib.sha256(self.layer()).hexdigest()
        document = {
            "architecture": "amd64",
            "os": "linux",
            "config": dict(self.run),
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "careen's tests"}],
        }
        return json.dumps(document).encode()

    @property
    def config(self) -> ImageConfig:
        return ImageConfig(json.loads(self.config_bytes))

    @property
    def ref(self) -> ImageRef:
        digest = hashlib.sha256(self.config_bytes).hexdigest()
        return ImageRef(
            "docker-archive:probe.tar",
            None,
            f"sha256:{digest}",
            tuple(str(item) for item in self.config.diff_ids),
            "linux/amd64",
        )

    def rootfs(self) -> Rootfs:
        entries = {ROOT: Entry(ROOT, EntryKind.DIRECTORY, 0o755, 0, 0, 0, 0.0, 0, 0)}
        data: dict[ImagePath, bytes] = {}
        for number, (name, (mode, uid, gid)) in enumerate(self._directories.items(), 1):
            path = ImagePath(f"/{name}")
            entries[path] = Entry(path, EntryKind.DIRECTORY, mode, uid, gid, 0, 0.0, 0, number)
        for number, (name, (content, mode, uid, gid)) in enumerate(self._files.items(), 1000):
            path = ImagePath(f"/{name}")
            entries[path] = Entry(
                path, EntryKind.FILE, mode, uid, gid, len(content), 0.0, 0, number
            )
            data[path] = content
        return Rootfs(entries, MemoryContent(data))

    def write(self, stream: BinaryIO) -> None:
        """Write a docker archive without a name."""
        config, layer = self.config_bytes, self.layer()
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        manifest = json.dumps(
            [{"Config": name, "RepoTags": None, "Layers": ["layer.tar"]}]
        ).encode()
        with tarfile.open(fileobj=stream, mode="w|") as tar:
            for path, content in (
                (name, config),
                ("layer.tar", layer),
                ("manifest.json", manifest),
            ):
                member = tarfile.TarInfo(path)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
