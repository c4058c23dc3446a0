"""An image for two platforms, with attestations as BuildKit adds them: an index of two manifests
around builds of service.c, linked dynamically, by this machine's compiler and by the one for arm64.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.model.machines import program_header
from tests.support.images import (
    MEDIA,
    Item,
    digest,
    directory,
    file,
    finish,
    layer,
    put,
    put_image,
)
from tests.support.service_image import SERVICE

REFERENCE_TYPE = "vnd.docker.reference.type"
REFERENCE_DIGEST = "vnd.docker.reference.digest"
CROSS = Path("/usr/aarch64-linux-gnu/lib")


@dataclass(frozen=True, slots=True)
class Machine:
    """A platform: its compiler, its ELF interpreter, and where the libraries of both come from."""

    architecture: str
    compiler: str
    loader: str
    libraries: Path
    multiarch: str


AMD64 = Machine(
    "amd64",
    "gcc",
    "lib64/ld-linux-x86-64.so.2",
    Path("/lib/x86_64-linux-gnu"),
    "x86_64-linux-gnu",
)
ARM64 = Machine(
    "arm64", "aarch64-linux-gnu-gcc", "lib/ld-linux-aarch64.so.1", CROSS, "aarch64-linux-gnu"
)
USED, UNUSED = "usr/share/service/used.txt", "usr/share/idle/unused.bin"
PACKAGES = {"service": ("/usr/bin/service", f"/{USED}"), "idle": (f"/{UNUSED}",)}
RUN: Mapping[str, Any] = {
    "Entrypoint": ["/usr/bin/service"],
    "Cmd": ["serve", "8000"],
    "ExposedPorts": {"8000/tcp": {}},
}


def _database(architecture: str) -> Iterator[Item]:
    """Yield a database of dpkg with two packages."""
    yield from (directory(f"var{below}") for below in ("", "/lib", "/lib/dpkg", "/lib/dpkg/info"))
    status = ""
    for name, paths in PACKAGES.items():
        status += (
            f"Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\n"
            "Version: 1.0-1\nMaintainer: The Tests <tests@example.org>\nDescription: tests\n\n"
        )
        yield file(f"var/lib/dpkg/info/{name}.list", "".join(f"{path}\n" for path in paths))
        yield file(f"var/lib/dpkg/info/{name}.md5sums", "")
    yield file("var/lib/dpkg/status", status)


def _shared(architecture: str) -> Iterator[Item]:
    """Yield what the image of every architecture has."""
    folders = ("app", "app/current", "etc", "tmp", "usr", "usr/bin", "usr/lib", "usr/share")
    yield from map(directory, (*folders, "usr/share/service", "usr/share/idle"))
    yield file("app/current/settings.txt", "colour = teal\n")
    yield file("usr/share/service/model.bin", b"weights " * 4000)
    yield file(USED, f"used on {architecture}\n")
    yield file(UNUSED, b"nobody uses this " * 4000)
    yield file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n")
    yield file("etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
    yield from _database(architecture)


def platform_layer(folder: Path, machine: Machine) -> bytes:
    """Build the program for a machine and return the one layer of its image."""
    out = folder / f"service-{machine.architecture}"
    subprocess.check_call([machine.compiler, "-O1", "-s", "-o", str(out), str(SERVICE)])
    libraries, loader = f"usr/lib/{machine.multiarch}", Path(machine.loader)
    return layer(
        *_shared(machine.architecture),
        *map(directory, (str(loader.parent), libraries)),
        file("usr/bin/service", out.read_bytes(), 0o755),
        file(machine.loader, (machine.libraries / loader.name).read_bytes(), 0o755),
        file(f"{libraries}/libc.so.6", (machine.libraries / "libc.so.6").read_bytes(), 0o755),
    )


def unrunnable_layer(architecture: str) -> bytes:
    """Return the layer of an image whose program nothing here can run."""
    return layer(
        *_shared(architecture),
        file("usr/bin/service", (program_header(architecture) or b"") + bytes(100), 0o755),
    )


def put_attestation(
    layout: Path, subject: Mapping[str, Any], *, artifact: bool = False
) -> dict[str, Any]:
    """Write an attestation of a manifest, in BuildKit's shape, and return its descriptor.

    `artifact` is the shape that BuildKit's exporter option `oci-artifact=true` gives it.
    """
    statement = json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://spdx.dev/Document",
            "subject": [{"name": "_", "digest": {"sha256": subject["digest"].partition(":")[2]}}],
            "predicate": {"spdxVersion": "SPDX-2.3"},
        }
    ).encode()
    config = json.dumps(
        {
            "architecture": "unknown",
            "os": "unknown",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest(statement)]},
        }
    ).encode()
    as_artifact = {
        "artifactType": "application/vnd.docker.attestation.manifest.v1+json",
        "config": put(layout, b"{}", "application/vnd.oci.empty.v1+json"),
        "subject": {key: subject[key] for key in ("mediaType", "digest", "size")},
    }
    as_image = {"config": put(layout, config, MEDIA + "config.v1+json")}
    manifest = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "manifest.v1+json",
        **(as_artifact if artifact else as_image),
        "layers": [
            put(
                layout,
                statement,
                "application/vnd.in-toto+json",
                annotations={"in-toto.io/predicate-type": "https://spdx.dev/Document"},
            )
        ],
    }
    return put(
        layout,
        json.dumps(manifest).encode(),
        MEDIA + "manifest.v1+json",
        annotations={
            REFERENCE_TYPE: "attestation-manifest",
            REFERENCE_DIGEST: subject["digest"],
        },
        platform={"architecture": "unknown", "os": "unknown"},
    )


def platform_index(
    layout: Path,
    images: Mapping[str, bytes],
    tag: str = "1",
    *,
    attested: bool = True,
    artifacts: bool = False,
) -> Path:
    """Write an OCI layout with one index, tagged, of an image for each architecture.

    `attested` adds an attestation of each; those are artifacts with `artifacts`.
    """
    descriptors = []
    for architecture, data in images.items():
        descriptors.append(
            put_image(
                layout,
                [data],
                config={"architecture": architecture, "config": RUN},
                platform={"architecture": architecture, "os": "linux"},
            )
        )
    if attested:
        descriptors += [
            put_attestation(layout, one, artifact=artifacts) for one in tuple(descriptors)
        ]
    index = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "index.v1+json",
        "manifests": descriptors,
        "annotations": {"org.opencontainers.image.title": "service"},
    }
    named = put(
        layout,
        json.dumps(index).encode(),
        MEDIA + "index.v1+json",
        annotations={"org.opencontainers.image.ref.name": tag},
    )
    return finish(layout, [named])
