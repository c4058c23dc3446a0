"""What a plan does to a package: how much of it stays, for whom, and what the report knows against
it.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from careen.errors import InputError
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.packages.package_explanation import (
    Extent,
    KeptFile,
    KnownFinding,
    Needed,
    PackageExplanation,
    PackagesExplained,
)
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.pipeline.why.evidence import PlanEvidence
from careen.pipeline.why.package import names_package, packages_named
from careen.plan.explain_package import explain_package
from careen.report.terminal_output.screen import UNICODE
from careen.report.views.package import package_line, print_packages
from tests.support.plans import Case, plan_for, scene_of
from tests.support.screens import drawn
from tests.support.triage import package

GIT, MAN, NUMPY = (
    "pkg:deb/debian/git@1%3A2.47?arch=amd64",
    "pkg:deb/debian/git-man@1%3A2.47",
    "pkg:pypi/numpy@2.1.0",
)
CASE = Case(
    {"/usr/bin/git": "x" * 10, "/usr/lib/git/a": "y" * 30, "/usr/share/git/b": "z" * 2}, {}, (), ()
)


def explained(*kept: str) -> PackageExplanation:
    rootfs, _, _, _ = scene_of(CASE)
    reason = Reason("package", "of a package that is kept", None)
    plan = replace(plan_for(CASE), keep={ImagePath(path): reason for path in kept})
    return explain_package(
        plan,
        rootfs,
        GIT,
        [
            ImagePath(path)
            for path in ("/usr/bin/git", "/usr/lib/git/a", "/usr/share/git/b", "/usr/bin", "/gone")
        ],
    )


@pytest.mark.parametrize(
    ("kept", "extent", "line"),
    [
        ((), Extent.NONE, "git 1:2.47 deb is removed: 3 files, 42 B"),
        (
            ("/usr/bin/git", "/usr/lib/git/a"),
            Extent.PART,
            "git 1:2.47 deb is kept in part: 2 of 3 files, 40 B of 42 B",
        ),
        (
            ("/usr/bin/git", "/usr/lib/git/a", "/usr/share/git/b"),
            Extent.WHOLE,
            "git 1:2.47 deb is kept whole: 3 files, 42 B",
        ),
    ],
)
def test_how_much_of_it_stays(kept: tuple[str, ...], extent: Extent, line: str) -> None:
    found = explained(*kept)
    assert found.extent is extent
    assert [file.path for file in found.kept] == sorted(
        kept, key=lambda path: -dict(zip(CASE.files, (10, 30, 2), strict=True))[path]
    )
    assert package_line(found, UNICODE).plain == line
    assert [need.files for need in found.needed_by] == ([len(kept)] if kept else [])


@pytest.mark.parametrize(
    "text", ["git", "pypi:numpy", "npm:@babel/core", "@babel/core", "pkg:deb/debian/git", "deb:*"]
)
def test_what_can_only_be_a_package(text: str) -> None:
    assert names_package(text)


@pytest.mark.parametrize("text", ["/usr/bin/git", "usr/bin/git", "/opt/deb:x"])
def test_what_is_a_path(text: str) -> None:
    assert not names_package(text)


def held(inventory: Inventory) -> PlanEvidence:
    rootfs, _, bom, _ = scene_of(CASE)
    return PlanEvidence(plan_for(CASE), bom, rootfs, inventory, Path("nowhere"))


BABEL = "pkg:npm/%40babel/core@7.24.0"
INDEXED = Inventory(
    {
        each.purl: each
        for each in (
            replace(package("git", "/usr/bin/git"), purl=GIT),
            replace(package("git-man", "/usr/share/git/b"), purl=MAN),
            replace(package("numpy", "/usr/lib/git/a"), purl=NUMPY, ecosystem=Ecosystem.PYPI),
            replace(package("@babel/core", "/usr/lib/git/a"), purl=BABEL, ecosystem=Ecosystem.NPM),
        )
    },
    {},
)


@pytest.mark.parametrize(
    ("asked", "purls"),
    [
        ("git", [GIT]),
        ("deb:git", [GIT]),
        ("git*", [MAN, GIT]),
        (GIT, [GIT]),
        ("pkg:deb/debian/git", [GIT]),
        ("pypi:NumPy", [NUMPY]),
        ("npm:@babel/core", [BABEL]),
    ],
)
def test_how_a_package_can_be_named(asked: str, purls: list[str]) -> None:
    assert [each.purl for each in packages_named(asked, held(INDEXED)).packages] == purls


def test_a_source_package_stands_for_what_is_made_of_it() -> None:
    perl = package("perl-base", "/usr/bin/git", source="perl@1.0")
    assert [
        each.purl
        for each in packages_named("perl", held(Inventory({perl.purl: perl}, {}))).packages
    ] == [perl.purl]
    assert perl.ecosystem is Ecosystem.DEB


def test_a_name_of_nothing_is_refused_with_what_comes_close() -> None:
    with pytest.raises(
        InputError, match=r"no package of the image is named 'nunpy'; close to it: numpy"
    ):
        packages_named("nunpy", held(INDEXED))
    with pytest.raises(InputError, match=r"close to it: @babel/core;"):
        packages_named("npm:babel", held(INDEXED))


ONE = PackageExplanation(
    GIT,
    Extent.PART,
    512,
    2,
    40_000_000,
    3_000_000,
    (
        KeptFile(ImagePath("/usr/bin/git"), 2_900_000, "observed", "executed"),
        KeptFile(ImagePath("/etc/git\x1b[31m"), 100_000, "rule:conf", ""),
    ),
    (Needed("observed", "executed while serving", 1), Needed("rule:conf", "", 1)),
    (
        KnownFinding("CVE-2026-1", "high", "executed", "1:2.48"),
        KnownFinding("CVE-2026-2", "unknown", "executed", ""),
    ),
)
WIDTHS = [60, 80, 120]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_answer_fits_the_terminal(width: int, encoding: str) -> None:
    def view(console: Console) -> None:
        print_packages(console, PackagesExplained("git", (ONE,)))

    text = drawn(view, width, encoding)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text
    for part in (
        "kept in part",
        "2 of 512 files",
        "/usr/bin/git",
        "executed while serving",
        "Vulnerabilities of the original",
        "CVE-2026-1",
        "fixed in 1:2.48",
        "no fix",
    ):
        assert part in " ".join(text.split())


def test_several_have_a_line_each() -> None:
    text = drawn(
        lambda console: print_packages(
            console, PackagesExplained("git*", (ONE, replace(ONE, purl=MAN)))
        ),
        120,
    )
    assert text.count("kept in part") == 2
    assert "/usr/bin/git" not in text
