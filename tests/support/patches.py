"""Patch plans and results, as a real run gives them."""

from dataclasses import replace

from careen.model.comparing.compared import Compared
from careen.model.findings.advisory import Severity
from careen.model.findings.findings_count import FindingsCount
from careen.model.packages.package import Ecosystem
from careen.model.patching import (
    Blocked,
    BlockReason,
    Dropped,
    PatchPlan,
    PatchResult,
    Rating,
    Reach,
    ReadBack,
    Upgrade,
)
from careen.model.rbom import ImageRef

IMAGE = ImageRef(
    "my/service:1", None, "sha256:" + "c0" * 32, ("sha256:" + "d1" * 32,), "linux/amd64"
)
LIBSSL = "pkg:deb/debian/libssl3t64@3.5.1-1?arch=amd64&distro=debian-13&upstream=openssl"
OPENSSL = "pkg:deb/debian/openssl@3.5.1-1?arch=amd64&distro=debian-13"
URLLIB3 = "pkg:pypi/urllib3@1.26.5"
IDNA = "pkg:pypi/idna@3.4"
TORCH = "pkg:pypi/torch@2.5.1%2Bcu124"
SETUPTOOLS = "pkg:pypi/setuptools@65.5.1"
CURL = "pkg:deb/debian/libcurl4t64@8.14.1-2?arch=amd64&distro=debian-13&upstream=curl"


def _deb(purl: str, name: str, closes: tuple[str, ...]) -> Upgrade:
    return Upgrade(
        purl,
        name,
        Ecosystem.DEB,
        "3.5.1-1",
        "3.5.1-1+deb13u1",
        "apt",
        "openssl",
        closes,
        origin="trixie-security",
    )


PLAN = PatchPlan(
    image=IMAGE,
    reach=Reach.SECURITY,
    upgrades=(
        _deb(LIBSSL, "libssl3t64", ("CVE-2025-9230", "CVE-2025-9231", "CVE-2025-9232")),
        _deb(OPENSSL, "openssl", ("CVE-2025-9230", "CVE-2025-9231", "CVE-2025-9232")),
        Upgrade(
            "pkg:deb/debian/openssl-provider-legacy@3.5.1-1%2Bdeb13u1",
            "openssl-provider-legacy",
            Ecosystem.DEB,
            "",
            "3.5.1-1+deb13u1",
            "apt",
            "openssl",
        ),
        Upgrade(
            IDNA,
            "idna",
            Ecosystem.PYPI,
            "3.4",
            "3.7",
            "python /opt/venv",
            "idna",
            ("CVE-2024-3651",),
            sha256="ab" * 32,
        ),
        Upgrade(
            URLLIB3,
            "urllib3",
            Ecosystem.PYPI,
            "1.26.5",
            "1.26.20",
            "python /opt/venv",
            "urllib3",
            ("CVE-2023-43804", "CVE-2023-45803"),
            origin="index",
        ),
    ),
    blocked=(
        Blocked(
            SETUPTOOLS,
            "setuptools",
            "65.5.1",
            ("CVE-2024-6345",),
            BlockReason.MAJOR,
            "fixed in 70.0.0; on offer is 70.3.0, another major version than 65.5.1",
        ),
        Blocked(
            TORCH,
            "torch",
            "2.5.1+cu124",
            ("CVE-2025-32434",),
            BlockReason.EXCLUDED,
            "patch.toml:3: the kernels are built for 2.5; fixed in 2.6.0",
        ),
        Blocked(
            CURL,
            "libcurl4t64",
            "8.14.1-2",
            ("CVE-2025-10148", "CVE-2025-9086"),
            BlockReason.NO_FIX,
            "the vendor has deferred the fix",
        ),
    ),
    notes=("3 findings without a known fix left out (--ignore-unfixed)",),
    ratings=(
        Rating("CVE-2023-43804", Severity.HIGH),
        Rating("CVE-2023-45803", Severity.MEDIUM),
        Rating("CVE-2024-3651", Severity.MEDIUM),
        Rating("CVE-2024-6345", Severity.HIGH),
        Rating("CVE-2025-10148", Severity.MEDIUM),
        Rating("CVE-2025-32434", Severity.CRITICAL),
        Rating("CVE-2025-9086", Severity.HIGH),
        Rating("CVE-2025-9230", Severity.HIGH, kev=True),
        Rating("CVE-2025-9231", Severity.MEDIUM),
        Rating("CVE-2025-9232", Severity.MEDIUM),
    ),
)
_BEFORE = FindingsCount(
    16,
    1,
    5,
    0,
    0,
    2,
    11,
    {"debian-tracker": "2026-03-01"},
    Compared(160, 160),
    "2026-03-03T10:00:00Z",
)
PLANNED = PatchResult(
    PLAN,
    (),
    (),
    _BEFORE,
    _BEFORE,
    "",
    0,
    "nothing was done: only the plan was asked for",
    {"survey": 4.2, "total": 6.1},
)
_DROPPED = Dropped(
    "idna",
    (PLAN.upgrades[3],),
    "workload serve: pytest -q tests/smoke: test_punycode failed: KeyError: 'xn--'",
)
_LEFT = replace(
    PLAN,
    upgrades=(*PLAN.upgrades[:3], PLAN.upgrades[4]),
    blocked=(
        Blocked(IDNA, "idna", "3.4", ("CVE-2024-3651",), BlockReason.BREAKS, _DROPPED.reason),
        *PLAN.blocked,
    ),
)
PATCHED = PatchResult(
    plan=_LEFT,
    upgraded=(
        *(
            ReadBack(each, each.target, confirmed=True, closed=each.closes)
            for each in _LEFT.upgrades[:3]
        ),
        ReadBack(
            _LEFT.upgrades[3],
            "1.26.20",
            confirmed=True,
            closed=("CVE-2023-43804",),
            left=("CVE-2023-45803",),
        ),
    ),
    dropped=(_DROPPED,),
    before=_BEFORE,
    after=FindingsCount(
        9,
        1,
        2,
        0,
        0,
        0,
        4,
        {"debian-tracker": "2026-03-01"},
        Compared(160, 160),
        "2026-03-03T10:00:00Z",
    ),
    image="sha256:" + "e2" * 32,
    layer_bytes=9_120_000,
    tests=(
        "1 test passed on the patched image (workload serve); 6 images were tried to find what"
        " breaks them"
    ),
    seconds={
        "inspect": 1.9,
        "survey": 4.2,
        "patch": 31.0,
        "test": 12.0,
        "bisect": 77.5,
        "total": 130.2,
    },
    places=("my/service:1-patched",),
    notes=("signatures and attestations of the original are about that image",),
    report_directory="careen-out/my_service_1-patched",
)
NOTHING = replace(PLANNED, plan=replace(PLAN, upgrades=(), notes=()), tests="")
CLEAN = replace(NOTHING, plan=replace(PLAN, upgrades=(), blocked=(), notes=()))
