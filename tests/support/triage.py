"""Findings, packages and RBOMs for the tests of triage, each as short as what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from careen.model.findings.advisory import (
    CvssScore,
    EpssScore,
    Feed,
    ImportedCode,
    KevEntry,
    Severity,
    VendorStatus,
)
from careen.model.findings.finding import Finding
from careen.model.findings.triage import ObservedBy, Priority, Tier, Triaged
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ROOT, ImagePath
from careen.model.rbom import FileUse, ImageRef, Run, RuntimeBom, UsedFile
from careen.model.runs.completeness import Completeness
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, SensorKind, Use

START = frozenset({Phase.START})
PYTHON = "/usr/bin/python3.11"
SITE = "/usr/lib/python3.11/site-packages"
IMAGE = ImageRef(
    "app:1",
    f"sha256:{'1' * 64}",
    f"sha256:{'2' * 64}",
    (f"sha256:{'3' * 64}", f"sha256:{'4' * 64}"),
    "linux/amd64",
)
OTHER_IMAGE = ImageRef(
    "app:0",
    f"sha256:{'5' * 64}",
    f"sha256:{'6' * 64}",
    (f"sha256:{'3' * 64}", f"sha256:{'7' * 64}"),
    "linux/amd64",
)
OPEN_VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOCAL_VECTOR = "CVSS:3.1/AV:L/AC:L/PR:L/UI:R/S:U/C:H/I:H/A:H"
FANOTIFY = frozenset({Use.EXECUTED, Use.OPENED, Use.LISTED})
FEEDS = tuple(
    Feed(name, f"{name}.json", "2026-08-16", "2026-08-17T00:00:00Z", 10)
    for name in ("debian-tracker", "epss", "kev")
)
PROFILED = ObservedBy(("web",), 10.0, Completeness(), ("tests",))


def package(
    name: str,
    *files: str,
    ecosystem: Ecosystem = Ecosystem.DEB,
    metadata: Iterable[str] = (),
    licences: Iterable[str] = (),
    **more: Any,
) -> Package:
    """A package `name` 1.0 with these files; metadata and licences are among them."""
    paths = tuple(ImagePath(path) for path in (*files, *metadata, *licences))
    base = Package(
        ecosystem,
        name,
        "1.0",
        f"pkg:{ecosystem.value}/{name}@1.0",
        ROOT,
        paths,
        tuple(map(ImagePath, metadata)),
        tuple(map(ImagePath, licences)),
    )
    return replace(base, **more)


def embedded(name: str, *files: str, ecosystem: Ecosystem = Ecosystem.GENERIC) -> Package:
    """A package inside files of others."""
    return package(name, *files, ecosystem=ecosystem, presence=Presence.EMBEDDED)


def inventory(*packages: Package) -> Inventory:
    owners: dict[ImagePath, tuple[str, ...]] = {}
    for one in packages:
        for path in one.files if one.presence is Presence.INSTALLED else ():
            owners[path] = (*owners.get(path, ()), one.purl)
    return Inventory({one.purl: one for one in packages}, owners)


def finding(
    of: Package | str = "app",
    identifier: str = "CVE-2024-0001",
    severity: Severity = Severity.HIGH,
    **more: Any,
) -> Finding:
    """A finding of a package (or of a Debian package of that name)."""
    about = of if isinstance(of, Package) else package(of)
    return replace(
        Finding(
            identifier,
            (),
            about.purl,
            about.name,
            about.version,
            (),
            VendorStatus.AFFECTED,
            (),
            severity,
            "nvd" if severity else "",
        ),
        **more,
    )


def triaged(
    of: Package | str = "app",
    tier: Tier = Tier.EXECUTED,
    priority: Priority = Priority.ATTEND,
    **more: Any,
) -> Triaged:
    return Triaged(finding(of, **more), tier, priority, ("a reason", "a verdict"))


def code(path: str, *symbols: str) -> tuple[ImportedCode, ...]:
    return (ImportedCode(path, symbols),)


def epss(score: float) -> EpssScore:
    return EpssScore("CVE-2024-0001", score, score, "2026-08-16")


def kev() -> KevEntry:
    return KevEntry("CVE-2024-0001", "2024-05-01", "2024-05-22", "App bug", ransomware=False)


def cvss(
    vector: str = OPEN_VECTOR, score: float = 9.8, source: str = "nvd"
) -> tuple[CvssScore, ...]:
    return (CvssScore(source, "3.1", vector, score, Severity.CRITICAL),)


def use(how: Use, executable: str = PYTHON, origin: str = "web") -> FileUse:
    return FileUse(how, START, executable, origin)


def checked(how: Use, executable: str = "/usr/bin/curl", origin: str = "web") -> FileUse:
    """A use by the image's HEALTHCHECK."""
    return FileUse(how, frozenset({Phase.HEALTH}), executable, origin)


def bound(port: int = 8000, executable: str = PYTHON, address: str = "0.0.0.0") -> Endpoint:
    return Endpoint("bind", "inet", address, port, START, executable)


def bom(
    files: Mapping[str, FileUse | tuple[FileUse, ...]],
    endpoints: Iterable[Endpoint] = (),
    *,
    lost: int = 0,
    evidence: frozenset[Use] = frozenset(Use),
    sensor: SensorKind = SensorKind.EBPF,
    image: ImageRef = IMAGE,
    kinds: Mapping[str, str] | None = None,
    packages: Mapping[str, tuple[str, ...]] | None = None,
) -> RuntimeBom:
    """An RBOM of one run of the workload `web` with these uses; what is in `kinds` is not a file
    but a directory or symlink.
    """
    info = SensorInfo(sensor, "6.18", "x86_64", (), evidence, {"ring_full": lost})
    run = Run("web", ("app",), "2026-03-01T10:00:00Z", 10.0, ("pytest",), "tests", info, "docker")
    used = []
    for path, uses in sorted(files.items()):
        kind = (kinds or {}).get(path, "file")
        digest = "a" * 64 if kind == "file" else ""
        owners = (packages or {}).get(path, ())
        used.append(
            UsedFile(
                ImagePath(path),
                kind,
                digest,
                1,
                image.diff_ids[0],
                owners,
                uses if isinstance(uses, tuple) else (uses,),
            )
        )
    named = {purl: ("x", "1", "deb") for owners in (packages or {}).values() for purl in owners}
    return RuntimeBom(image, (run,), tuple(used), (), {}, tuple(endpoints), named)
