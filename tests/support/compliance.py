"""Images for the tests of compliance: a small sound one, its assessment, and what changes."""

import datetime as dt
import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from careen.compliance.assess import map_items, run_checks
from careen.compliance.frameworks import load_frameworks
from careen.compliance.registry import CHECKS
from careen.compliance.subject import Subject
from careen.inventory.rpm.digests import rpm_digests
from careen.inventory.scan import scan
from careen.model.compliance.assessment import Assessment
from careen.model.compliance.framework import Framework, Item
from careen.model.compliance.result import CheckResult, Result
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from tests.support.images import Item as Member
from tests.support.images import directory, file, layer, oci_layout

TODAY = dt.date(2026, 12, 1)
TIME = "2026-12-01T00:00:00Z"
ALL = Framework(
    "all", "every check", "1", TODAY, "tests", "nobody", tuple(Item(i, i, (i,)) for i in CHECKS)
)


def program(kind: int = 3, stack: int = 6) -> bytes:
    """Return an ELF program: `kind` 3 is position-independent, `stack` the flags of its stack."""
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01" + bytes(9),
        kind,
        62,
        1,
        0,
        64,
        0,
        0,
        64,
        56,
        2,
        0,
        0,
        0,
    )
    segments = ((3, 4), (0x6474E551, stack))  # PT_INTERP, PT_GNU_STACK
    return header + b"".join(
        struct.pack("<IIQQQQQQ", what, flags, 0, 0, 0, 0, 0, 1) for what, flags in segments
    )


def package(name: str, version: str = "1", architecture: str = "amd64") -> str:
    """Return the record of an installed package in dpkg's status."""
    return (
        f"Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\n"
        f"Maintainer: nobody <nobody@example.com>\nVersion: {version}\nDescription: {name}\n\n"
    )


def release(version: str, name: str = "debian") -> str:
    return f'ID={name}\nVERSION_ID="{version}"\nNAME="A name"\n'


PASSWD = "root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:10001:10001::/app:/bin/false\n"
SHADOW = "root:*:20000:0:99999:7:::\napp:!:20000:0:99999:7:::\n"
GROUP = "root:x:0:\napp:x:10001:\nshadow:x:42:\n"
STATUS = package("base-files", "13.8") + package("service")
SERVICE = program()
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
SOURCES = """Types: deb
URIs: https://example.com/debian
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/example.gpg
"""
DELIVERED: Mapping[str, bytes] = {
    "usr/bin/service": SERVICE,
    "usr/lib/libservice.so": b"library",
    "usr/share/ca-certificates/example.crt": CERTIFICATE.encode(),
}
SOUND: tuple[Member, ...] = (
    directory("etc"),
    file("etc/os-release", release("13")),
    file("etc/passwd", PASSWD),
    file("etc/shadow", SHADOW, mode=0o640, gid=42),
    file("etc/group", GROUP),
    file("etc/login.defs", "UMASK 027\n"),
    file("etc/apt/sources.list.d/debian.sources", SOURCES),
    file("usr/share/keyrings/example.gpg", "key"),
    file("etc/ssl/certs/ca-certificates.crt", CERTIFICATE),
    file("usr/share/ca-certificates/example.crt", CERTIFICATE),
    directory("app", uid=10001, gid=10001),
    directory("root", mode=0o700),
    directory("tmp", mode=0o1777),
    directory("usr/lib"),
    file("usr/lib/libservice.so", b"library"),
    file("var/log/build.log", "built\n", mode=0o640),
    file("usr/bin/service", SERVICE, mode=0o755),
    file("var/lib/dpkg/status", STATUS),
    file("var/lib/dpkg/info/base-files.list", "/.\n/etc/os-release\n"),
    file("var/lib/dpkg/info/base-files.conffiles", "/etc/os-release\n"),
    file("var/lib/dpkg/info/service.list", "\n".join(f"/{name}" for name in DELIVERED) + "\n"),
    file(
        "var/lib/dpkg/info/service.md5sums",
        "".join(
            f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}  {name}\n"
            for name, data in DELIVERED.items()
        ),
    ),
)
CONFIG: Mapping[str, Any] = {
    "User": "10001:10001",
    "Entrypoint": ["/usr/bin/service"],
    "Env": ["PATH=/usr/bin:/bin"],
    "ExposedPorts": {"8080/tcp": {}},
    "Healthcheck": {"Test": ["CMD", "/usr/bin/service", "--check"]},
    "WorkingDir": "/app",
    "Labels": {
        "org.opencontainers.image.source": "https://example.com/service",
        "org.opencontainers.image.revision": "0" * 40,
        "org.opencontainers.image.base.name": "example.com/debian:13",
    },
}
HISTORY = ({"created_by": "COPY service /usr/bin/service # buildkit"},)


@contextmanager
def subject(
    folder: Path,
    *more: Member,
    config: Mapping[str, Any] | None = None,
    layers: Sequence[bytes] | None = None,
    **document: Any,
) -> Iterator[Subject]:
    """Open the sound image with more members, which replace its own, and other configuration."""
    names = {each.name for each in more}
    members = [*(each for each in SOUND if each.name not in names), *more]
    made = oci_layout(
        folder / "image",
        [layer(*members)] if layers is None else layers,
        config={"config": {**CONFIG, **(config or {})}, "history": HISTORY, **document},
    )
    scratch = folder / "scratch"
    scratch.mkdir()
    with open_image(OciLayout(made, None), None, scratch) as image:
        rootfs = image.rootfs()
        yield Subject(image, rootfs, scan(rootfs), TODAY, recorded=lambda: rpm_digests(rootfs))


def results(subject_: Subject) -> Mapping[str, CheckResult]:
    """Return the results of all checks by id."""
    return {each.check: each for each in run_checks(subject_, [ALL])}


def failed(subject_: Subject) -> set[str]:
    """Return the ids of the checks that failed."""
    return {name for name, each in results(subject_).items() if each.result is Result.FAIL}


def assessment(subject_: Subject, *names: str, checks: Sequence[CheckResult] = ()) -> Assessment:
    """Return the assessment of an image against careen's own frameworks."""
    frameworks = load_frameworks(names or ("cis-docker",), TODAY)
    ran = checks or run_checks(subject_, frameworks)
    return Assessment(
        subject=subject_.ref.reference,
        digest=subject_.ref.digest,
        config_digest=subject_.ref.config_digest,
        platform=subject_.ref.platform,
        tool="careen 0",
        started=TIME,
        ended=TIME,
        paths=len(subject_.rootfs),
        packages=len(subject_.inventory.packages),
        databases=(),
        inputs=(),
        notes=(),
        checks=tuple(ran),
        frameworks=map_items(frameworks, ran),
    )
