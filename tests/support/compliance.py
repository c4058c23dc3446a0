"""Images for the tests of compliance: a small sound one, its assessment, and what changes."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from careen.compliance.assess import map_items, run_checks
from careen.compliance.frameworks import load_frameworks
from careen.compliance.registry import CHECKS
from careen.compliance.subject import Subject
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
STATUS = """Package: base-files
Status: install ok installed
Architecture: amd64
Version: 13.8
Description: base

"""
SOUND: tuple[Member, ...] = (
    directory("etc"),
    file("etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nNAME="Debian"\n'),
    file(
        "etc/passwd",
        "root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:10001:10001::/app:/bin/false\n",
    ),
    file("etc/shadow", "root:*:20000:0:99999:7:::\napp:!:20000:0:99999:7:::\n", mode=0o640),
    file("etc/group", "root:x:0:\napp:x:10001:\n"),
    directory("app", uid=10001, gid=10001),
    directory("root", mode=0o700),
    directory("tmp", mode=0o1777),
    file("usr/bin/service", b"\x7fELF", mode=0o755),
    file("var/lib/dpkg/status", STATUS),
)
CONFIG: Mapping[str, Any] = {
    "User": "10001:10001",
    "Cmd": ["/usr/bin/service"],
    "Env": ["PATH=/usr/bin:/bin"],
    "Healthcheck": {"Test": ["CMD", "/usr/bin/service", "--check"]},
    "WorkingDir": "/app",
}


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
        config={"config": {**CONFIG, **(config or {})}, **document},
    )
    scratch = folder / "scratch"
    scratch.mkdir()
    with open_image(OciLayout(made, None), None, scratch) as image:
        rootfs = image.rootfs()
        yield Subject(image, rootfs, scan(rootfs))


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
