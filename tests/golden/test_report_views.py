"""The exact text of every view, at 80 and 120 columns, without colour, and in plain ASCII.

A wanted change of a text is made in the file under `tests/golden/report/` too; the assertion shows
both.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from careen.model.comparing.difference import Change, Difference
from careen.model.comparing.imagediff import ImageDiff, PackageChange, PathSets
from careen.model.entry import EntryKind
from careen.model.explanation import Decision, Explanation, Step
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.model.rbom import FileUse, ImageRef
from careen.model.runs.completeness import Completeness, Gap
from careen.model.runs.trace import Phase, Use
from careen.model.summary import ReasonShare, Tests, TestTotals
from careen.report.terminal_output.terminal import final_line, print_summary
from careen.report.views.diff import print_diff
from careen.report.views.doctor import DoctorRow, Health, print_doctor, problem_lines
from careen.report.views.plan import print_plan
from careen.report.views.why import print_explanation
from tests.support.screens import drawn
from tests.support.summaries import SUMMARY

EXPECTED = Path(__file__).parent / "report"

TRITON, LLVM, TORCH = (
    "pkg:pypi/triton@3.1.0",
    "pkg:deb/debian/libllvm15@1%3A15.0.6-4?arch=amd64",
    "pkg:pypi/torch@2.5.1",
)
PLAN = Plan(
    image=ImageRef("wl/embed:cpu", "sha256:" + "1b" * 32, "sha256:" + "2c" * 32, (), "linux/amd64"),
    level=Level.CLOSURE,
    keep={},
    remove={},
    packages={
        TRITON: PackagePlan(TRITON, Outcome.REMOVED, 0, 1_204, 0, 412_300_000),
        LLVM: PackagePlan(
            LLVM,
            Outcome.REMOVED,
            0,
            12,
            0,
            113_400_000,
            ("pkg:deb/debian/libgl1-mesa-dri@22.3.6-1",),
        ),
        TORCH: PackagePlan(TORCH, Outcome.PARTIAL, 2_100, 8_711, 300_000_000, 98_700_000),
        "pkg:pypi/numpy@2.1.0": PackagePlan(
            "pkg:pypi/numpy@2.1.0", Outcome.KEPT, 900, 0, 60_000_000, 0
        ),
    },
    rbom_sha256="b" * 64,
    notes=(
        "the evidence holds no lookups: paths that are only tested for existence are kept by rule",
    ),
)
REMOVED = (
    ReasonShare("unused", "nothing needs it", 29_000, 1_340_000_000),
    ReasonShare("user-remove", "matches --remove '/opt/**'", 1, 12),
)

WHY = Explanation(
    path=ImagePath("/usr/lib/x86_64-linux-gnu/libz.so.1.2.13"),
    kind=EntryKind.FILE,
    decision=Decision.KEEP,
    chain=(
        Step(
            ImagePath("/usr/lib/x86_64-linux-gnu/libz.so.1.2.13"),
            Reason(
                "elf-needed", "libpng16.so.16 needs libz.so.1", ImagePath("/usr/lib/libpng16.so.16")
            ),
        ),
        Step(ImagePath("/usr/lib/libpng16.so.16"), Reason("observed", "mapped while serving")),
    ),
    owners=("pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1",),
    uses=(
        FileUse(
            Use.MAPPED, frozenset({Phase.START, Phase.SERVING}), "/usr/bin/python3.11", "default"
        ),
        FileUse(Use.OPENED, frozenset({Phase.START}), "/usr/bin/python3.11", "explore:requests"),
        FileUse(Use.EXECUTED, frozenset({Phase.START}), "", "default"),
    ),
    size=121_280,
)
GONE = Explanation(
    ImagePath("/bin/perl"),
    EntryKind.SYMLINK,
    Decision.REMOVE,
    (Step(ImagePath("/bin/perl"), Reason("unused", "nothing needs it")),),
    (),
    (),
    target="/usr/bin/perl5.36",
)
DIFF = ImageDiff(
    files=(
        Difference(
            ImagePath("/etc/passwd"), Change.CHANGED, ("mode", "owner"), "0644 0:0", "0600 1:1"
        ),
        Difference(ImagePath("/usr/bin/perl"), Change.REMOVED, kind="file", size=4_000_000),
        Difference(ImagePath("/usr/bin/perl5"), Change.REMOVED, kind="symlink"),
        Difference(ImagePath("/usr/lib/perl"), Change.REMOVED, kind="directory"),
        Difference(ImagePath("/usr/lib/perl/5.36"), Change.REMOVED, kind="directory"),
        Difference(
            ImagePath("/usr/lib/perl/5.36/Socket.so"), Change.REMOVED, kind="file", size=120_000
        ),
        Difference(ImagePath("/opt/new"), Change.ADDED, kind="file", size=12),
    ),
    packages=(
        PackageChange("deb", "perl", "5.36.0-7", None, 4_120_000),
        PackageChange("pypi", "numpy", "2.1.0", "2.1.1"),
        PackageChange("pypi", "x", None, "1"),
    ),
    executables=PathSets((), (ImagePath("/usr/bin/perl"),)),
    setuid=PathSets((), ()),
    config=("User: '' -> 'app'",),
    files_before=10_000,
    files_after=9_999,
    bytes_before=2_000_000_000,
    bytes_after=1_999_500_000,
)
ROWS = (
    DoctorRow("engine docker", Health.GOOD, "26.1.5, cgroup 1"),
    DoctorRow(
        "sensor ebpf",
        Health.MISSING,
        "the kernel has no BTF (/sys/kernel/btf/vmlinux)",
        "use a kernel built with CONFIG_DEBUG_INFO_BTF",
    ),
    DoctorRow(
        "work directory",
        Health.LIMITED,
        "/var/tmp/careen-0: 3 GB free",
        "name another place with --work-dir",
    ),
)

VIEWS: Mapping[str, Callable[[Console], None]] = {
    "summary": lambda console: print_summary(console, SUMMARY),
    "plan": lambda console: print_plan(console, PLAN, SUMMARY.kept, REMOVED),
    "why": lambda console: print_explanation(console, WHY),
    "why-gone": lambda console: print_explanation(console, GONE),
    "diff-all": lambda console: print_diff(
        console,
        DIFF,
        "demo:1",
        "docker-archive:/a/rather/long/path/to/the/demo.tar:demo:2",
        everything=True,
    ),
    "diff": lambda console: print_diff(console, DIFF, "demo:1", "demo:2"),
    "doctor": lambda console: print_doctor(console, ROWS),
}


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", VIEWS)
def test_the_text_is_exactly_this(name: str, width: int) -> None:
    assert drawn(VIEWS[name], width) == (EXPECTED / f"{name}-{width}.txt").read_text()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("name", VIEWS)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(name: str, width: int) -> None:
    lines = drawn(VIEWS[name], width).splitlines()
    assert [line for line in lines if len(line) > width or line != line.rstrip()] == []


@pytest.mark.parametrize("name", VIEWS)
def test_a_terminal_without_unicode_gets_ascii_with_the_same_words(name: str) -> None:
    text = drawn(VIEWS[name], 80, "ascii")
    assert text.isascii()
    unicode_text = drawn(VIEWS[name], 80)
    assert [
        word
        for word in unicode_text.split()
        if word.isalpha() and word.isascii() and word not in text
    ] == []


def long_names(depth: int) -> str:
    return "/" + "/".join(f"directory-{i}" for i in range(depth))


def test_long_hostile_names_neither_leave_the_width_nor_reach_the_terminal_raw() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J[bold red]x[/]\u202egnp.exe\udcff\n"
    summary = replace(
        SUMMARY,
        promoted=(evil,),
        notes=(evil + long_names(60),),
        next_steps=(long_names(60),),
        report_directory=long_names(40),
        original=replace(SUMMARY.original, reference=evil + long_names(30)),
        kept=(ReasonShare("observed", evil, 1, 1),),
    )
    text = drawn(lambda console: print_summary(console, summary), 80)
    assert all(char == "\n" or char.isprintable() for char in text)
    assert max(map(len, text.splitlines())) <= 80
    assert "[bold red]x[/]" in text
    assert "\\x1b[2J" in text
    assert "\\u202egnp.exe\\xff\\x0a" in text


def test_the_tests_line_says_what_was_really_checked() -> None:
    def line(**changes: object) -> str:
        text = drawn(lambda console: print_summary(console, replace(SUMMARY, **changes)), 200)  # type: ignore[arg-type]
        return (
            next(row for row in text.splitlines() if row.startswith("tests "))
            .removeprefix("tests")
            .strip()
        )

    assert (
        line(tests=None, checked="readiness only") == "only readiness was checked: no test was run"
    )
    assert (
        line(tests=None, checked="exit status")
        == "only the exit status of the job was checked: no test was run"
    )
    unknown = TestTotals(passed=True, cases=None, seconds=3.0)
    assert (
        line(tests=Tests(unknown, unknown))
        == "the tests passed on the original in 3.0 s, the tests passed on the hardened image in"
        " 3.0 s"
    )
    one = TestTotals(passed=True, cases=1, seconds=1.0)
    assert (
        line(tests=Tests(one, None))
        == "1 case passed on the original in 1.0 s; not run on the hardened image"
    )
    failed = TestTotals(passed=False, cases=12, seconds=2.0)
    assert (
        line(tests=Tests(one, failed))
        == "1 case passed on the original in 1.0 s, the tests FAILED (12 cases counted) on the"
        " hardened image in 2.0 s"
    )
    assert line(checked="readiness only").endswith(
        "; at least one workload was checked for readiness only"
    )


def test_lost_events_and_an_image_that_was_not_promoted_are_said() -> None:
    lossy = replace(
        SUMMARY,
        promoted=(),
        sensor=replace(SUMMARY.sensor, completeness=Completeness((Gap("ring_full", 1_204),))),
    )
    text = drawn(lambda console: print_summary(console, lossy), 120)
    assert "wl/embed:cpu → nothing was promoted" in text
    assert "INCOMPLETE: 1,204 events were lost (1,204 ring_full)" in text


def test_quiet_is_one_line() -> None:
    assert final_line(SUMMARY) == f"wl/embed:hardened sha256:{'7e' * 32}"
    assert final_line(replace(SUMMARY, promoted=())) == f"sha256:{'7e' * 32}"


def test_a_quiet_doctor_tells_what_needs_something_done() -> None:
    assert problem_lines(ROWS) == [
        (
            "missing: sensor ebpf: the kernel has no BTF (/sys/kernel/btf/vmlinux); use a kernel"
            " built with CONFIG_DEBUG_INFO_BTF"
        ),
        "limited: work directory: /var/tmp/careen-0: 3 GB free; name another place with --work-dir",
    ]


def test_a_plan_that_the_user_added_nothing_to_calms() -> None:
    calm = "Removed although others depend on them (nothing that ran needed them)"
    unused = tuple(share for share in REMOVED if share.code == "unused")
    assert (
        calm
        in drawn(lambda console: print_plan(console, PLAN, SUMMARY.kept, unused), 120).splitlines()
    )
    assert calm not in drawn(VIEWS["plan"], 120)


def test_a_flood_of_differences_is_cut_with_a_count() -> None:
    flood = replace(
        DIFF, files=tuple(Difference(ImagePath(f"/f{i:05}"), Change.ADDED) for i in range(1_000))
    )
    text = drawn(lambda console: print_diff(console, flood, "a", "b"), 80)
    assert "Files: 1,000 added" in text
    assert text.rstrip().endswith("…  980 more: --all")
    assert len(text.splitlines()) < 80
    whole = drawn(lambda console: print_diff(console, flood, "a", "b", everything=True), 80)
    assert whole.rstrip().endswith("/f00999")


def test_a_long_name_of_an_image_starts_a_line_of_its_own() -> None:
    first, second = drawn(
        lambda console: print_diff(
            console, DIFF, "docker-archive:/some/where/demo.tar:demo:1", "oci:/some/where/else"
        ),
        60,
    ).splitlines()[:2]
    assert first.startswith("careen diff  docker-archive:")
    assert second == f"{'→ oci:/some/where/else':>{len(second)}}"


def test_two_equal_images_have_no_difference() -> None:
    same = replace(DIFF, files=(), packages=(), config=(), executables=PathSets((), ()))
    assert (
        drawn(lambda console: print_diff(console, same, "a", "b"), 80)
        == "careen diff  a → b\n\nno difference\n"
    )
