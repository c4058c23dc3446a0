"""A summary of a run, as a real one looks."""

from careen.model.comparing.compared import Compared
from careen.model.findings.findings_count import FindingsCount
from careen.model.measure import Measure
from careen.model.plan import Level, Outcome
from careen.model.runs.completeness import Completeness
from careen.model.summary import (
    PackageShare,
    ReasonShare,
    SensorSummary,
    StageSeconds,
    Summary,
    Tests,
    TestTotals,
)

DATABASE = {
    "debian-tracker": "2026-08-21",
    "epss": "2026-08-16",
    "kev": "2026-08-21",
    "osv:PyPI": "2026-07-23",
}
COUNTED = "2026-08-24T09:00:00Z"
ORIGINAL = Measure(
    reference="wl/embed:cpu",
    digest="sha256:" + "1b" * 32,
    size_bytes=2_360_000_000,
    files=41_230,
    packages={"deb": 140, "pypi": 40},
    elf_files=1_210,
    elf_bytes=1_431_000_000,
    executables=1_804,
    setuid=9,
    shells=3,
    findings=FindingsCount(1_431, 14, 211, 71, 4, 1, 53, DATABASE, Compared(180, 172), COUNTED, 22),
)
HARDENED = Measure(
    reference="wl/embed:hardened",
    digest="sha256:" + "7e" * 32,
    size_bytes=1_019_600_000,
    files=12_001,
    packages={"deb": 61, "pypi": 38},
    elf_files=402,
    elf_bytes=760_400_000,
    executables=210,
    setuid=0,
    shells=1,
    findings=FindingsCount(94, 1, 29, 71, 4, 0, 47, DATABASE, Compared(99, 96), COUNTED, 22),
)
SUMMARY = Summary(
    level=Level.CLOSURE,
    original=ORIGINAL,
    hardened=HARDENED,
    workloads=("default",),
    checked="tests",
    tests=Tests(
        TestTotals(passed=True, cases=15, seconds=12.06),
        TestTotals(passed=True, cases=15, seconds=11.4),
    ),
    sensor=SensorSummary("ebpf", Completeness(), "about 2 % on this workload", "6.1.0-44-amd64"),
    seconds=StageSeconds(
        inspect=4.2,
        profile=61.0,
        plan=3.4,
        strip=22.5,
        verify=58.0,
        findings=3.9,
        promote=0.4,
        total=149.3,
    ),
    promoted=("wl/embed:hardened",),
    removed=(
        PackageShare("pkg:pypi/triton@3.1.0", Outcome.REMOVED, 412_300_000, 1_204),
        PackageShare(
            "pkg:deb/debian/libllvm15@1%3A15.0.6-4?arch=amd64&distro=debian-12",
            Outcome.REMOVED,
            113_400_000,
            12,
        ),
        PackageShare("pkg:pypi/torch@2.5.1", Outcome.PARTIAL, 98_700_000, 8_711),
    ),
    kept=(
        ReasonShare(
            "python-distribution", "module of a distribution that was imported", 8_200, 412_000_000
        ),
        ReasonShare("elf-needed", "library that a kept program needs", 140, 390_100_000),
        ReasonShare("observed", "opened while it started", 900, 201_500_000),
    ),
    plan_sha256="a" * 64,
    rbom_sha256="b" * 64,
    report_directory="careen-out/embed/",
    notes=("libllvm15 is removed; libgl1-mesa-dri depends on it and is kept",),
    next_steps=("docker run --rm wl/embed:hardened", "careen why wl/embed:cpu /usr/bin/perl"),
)
