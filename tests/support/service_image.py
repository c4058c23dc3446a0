"""A small image with everything that a real one has: packages used, used in part and unused, links,
setuid files, whiteouts, a configuration with more in it than careen knows. Its tests run the
command `careen` on it.
"""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.images import (
    Item,
    directory,
    docker_archive,
    file,
    hardlink,
    layer,
    opaque,
    symlink,
    whiteout,
)

SERVICE = Path(__file__).with_name("service.c")

UNUSED = b"these bytes are used by nobody and must be gone "
HIDDEN = b"these bytes were hidden by a whiteout already "
UNUSED_PATHS = ("/usr/bin/idle", "/usr/share/idle/data.bin", "/opt/leftover.txt")
USED_PATHS = (
    "/usr/bin/service",
    "/usr/share/service/model.bin",
    "/app/releases/2.1/settings.txt",
    "/usr/share/half/used.txt",
)
HALF_DATA, HALF_PROGRAM = "/usr/share/half/unused.txt", "/usr/bin/halve"

PACKAGES = {
    "service": (
        "/usr/bin/service",
        "/usr/share/service/model.bin",
        "/usr/share/doc/service/copyright",
    ),
    "half": ("/usr/share/half/used.txt", HALF_DATA, HALF_PROGRAM, "/usr/share/doc/half/copyright"),
    "idle": ("/usr/bin/idle", "/usr/share/idle/data.bin", "/usr/share/doc/idle/copyright"),
}

RUN: dict[str, Any] = {
    "Entrypoint": ["/usr/bin/service"],
    "Cmd": ["serve", "8000"],
    "Env": ["PATH=/usr/bin:/bin", "SERVICE_COLOUR=teal"],
    "User": "65534:65534",
    "WorkingDir": "/app",
    "ExposedPorts": {"8000/tcp": {}},
    "Volumes": {"/data": {}},
    "StopSignal": "SIGINT",
    "Healthcheck": {
        "Test": ["CMD", "/usr/bin/service", "health", "8000"],
        "Interval": 300_000_000,
        "Timeout": 5_000_000_000,
        "Retries": 30,
    },
    "Labels": {"org.example.team": "search"},
    "x-unknown-to-careen": {"deep": [1, 2, {"three": None}]},
}
TOP = {"author": "the tests", "x-vendor": {"signed": True}, "docker_version": "0.0.0"}


def build_service(folder: Path) -> bytes:
    """Compile the program and return its bytes."""
    out = folder / "service"
    subprocess.check_call(["gcc", "-O1", "-static", "-s", "-o", str(out), str(SERVICE)])
    return out.read_bytes()


@dataclass(frozen=True, slots=True)
class ServiceImage:
    """The image around one build of the program. `mark` becomes a label, by which a test finds
    everything in docker that comes from the image.
    """

    program: bytes
    mark: str

    @property
    def contents(self) -> dict[str, tuple[bytes, int]]:
        """The files of the packages: content and mode."""
        return {
            "/usr/bin/service": (self.program, 0o755),
            "/usr/share/service/model.bin": (b"weights " * 4000, 0o644),
            "/usr/share/half/used.txt": (b"half of it is used\n", 0o644),
            HALF_DATA: (b"data beside used data\n", 0o644),
            HALF_PROGRAM: (b"#!/bin/sh\n# halve\n", 0o755),
            "/usr/bin/idle": (b"#!/bin/sh\n" + UNUSED, 0o4755),
            "/usr/share/idle/data.bin": (UNUSED * 4000, 0o644),
            **{
                f"/usr/share/doc/{name}/copyright": (f"Copyright of {name}\n".encode(), 0o644)
                for name in PACKAGES
            },
        }

    def layers(self) -> tuple[bytes, ...]:
        """Three layers, lowest first; the upper ones take from the lower ones."""
        contents = self.contents
        folders = sorted(
            {
                f"/{'/'.join(parts[:i])}"
                for path in contents
                for parts in [path.strip("/").split("/")]
                for i in range(1, len(parts))
            }
        )
        base: list[Item] = [directory(path.strip("/")) for path in folders]
        base += [file(path.strip("/"), data, mode) for path, (data, mode) in contents.items()]
        base += [
            directory("bin"),
            file("bin/sh", "#!/usr/bin/service\n", 0o755),
            directory("etc"),
            file("etc/os-release", 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'),
        ]
        base += [
            file(
                "etc/passwd", "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
            ),
            file("etc/group", "nogroup:x:65534:\n"),
        ]
        base += [
            directory("opt"),
            file("opt/hidden.txt", HIDDEN * 20),
            directory("opt/old"),
            file("opt/old/one.txt", HIDDEN),
        ]
        base += self._database()
        middle = [
            directory("app"),
            directory("app/releases"),
            directory("app/releases/2.1"),
            file("app/releases/2.1/settings.txt", "colour = teal\n"),
        ]
        middle += [
            symlink("app/releases/2", "2.1"),
            symlink("app/current", "releases/2"),
            whiteout("opt/hidden.txt"),
        ]
        top = [
            opaque("opt/old"),
            file("opt/old/new.txt", UNUSED),
            file("opt/leftover.txt", UNUSED * 10),
            hardlink("opt/again.txt", "opt/leftover.txt"),
        ]
        top += [directory("data", 0o777), directory("tmp", 0o1777)]
        return layer(*base), layer(*middle), layer(*top)

    def _database(self) -> list[Item]:
        items = [
            directory("var"),
            directory("var/lib"),
            directory("var/lib/dpkg"),
            directory("var/lib/dpkg/info"),
        ]
        status = ""
        for name, paths in PACKAGES.items():
            status += (
                f"Package: {name}\nStatus: install ok installed\nPriority: optional\nSection:"
                " misc\nArchitecture: amd64\nVersion: 1.0-1\n"
            )
            status += (
                f"Maintainer: The Tests <tests@example.org>\nDescription: package {name} of the"
                " tests\n\n"
            )
            above = sorted(
                {
                    "/".join(path.split("/")[:i]) or "/."
                    for path in paths
                    for i in range(1, path.count("/") + 1)
                }
            )
            items.append(
                file(
                    f"var/lib/dpkg/info/{name}.list",
                    "".join(f"{path}\n" for path in (*above, *paths)),
                )
            )
            sums = "".join(
                f"{hashlib.md5(self.contents[path][0], usedforsecurity=False).hexdigest()} "
                f" {path[1:]}\n"
                for path in paths
            )
            items.append(file(f"var/lib/dpkg/info/{name}.md5sums", sums))
        return [*items, file("var/lib/dpkg/status", status)]

    def config(self) -> dict[str, Any]:
        """The top-level fields of its configuration."""
        return {
            **TOP,
            "config": {**RUN, "Labels": {**RUN["Labels"], "test.careen.mark": self.mark}},
        }

    def archive(self, path: Path, *tags: str) -> Path:
        """Write it as a docker archive."""
        return docker_archive(path, self.layers(), tags, self.config())
