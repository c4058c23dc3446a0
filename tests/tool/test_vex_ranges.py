"""Ranges of versions in VEX, judged by the ecosystems' own programs: dpkg for Debian, packaging for
Python.
"""

import itertools
import operator
from collections.abc import Callable
from dataclasses import replace

import pytest
from packaging.version import Version

from careen.model.findings.vex import VexProduct, VexStatement, VexStatus
from careen.model.packages.package import Package
from careen.tools.process import run
from careen.triage.vex_match import VexIndex
from tests.support.hardenings import TORCH, ZLIB, finding

WORDS: dict[str, Callable[[Version, Version], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
PYTHON = (
    "1.0",
    "1.0.0",
    "1.0a1",
    "1.0rc1",
    "1.0.dev3",
    "1.0.post1",
    "2!1.0",
    "1.10",
    "1.9",
    "0",
    "1.0b2.post3.dev4",
)
DEBIAN = (
    "1.0-1",
    "1:1.0-1",
    "1.0~rc1-1",
    "1.0-1+deb12u1",
    "1.0-1~bpo12+1",
    "1.0",
    "2.0-1",
    "1.00-1",
    "1.0-1.1",
    "1.0a-1",
    "1.10-1",
    "1.9-1",
)


def holds(package: Package, constraint: str) -> bool:
    """Say whether careen finds the package's version in the range."""
    kind = package.ecosystem.value
    product = VexProduct(package.purl.partition("@")[0], versions=f"vers:{kind}/{constraint}")
    return (
        VexIndex([VexStatement("CVE-1", VexStatus.FIXED, (product,))]).deciding(
            finding(package, "CVE-1"), package, ()
        )
        is not None
    )


@pytest.mark.parametrize("word", WORDS)
def test_python(word: str) -> None:
    wrong = [
        (installed, word, stated)
        for installed, stated in itertools.product(PYTHON, repeat=2)
        if holds(replace(TORCH, version=installed), f"{word.removeprefix('=')}{stated}")
        != WORDS[word](Version(installed), Version(stated))
    ]
    assert wrong == []


@pytest.mark.dpkg
def test_debian() -> None:
    wrong = []
    for installed, stated in itertools.product(DEBIAN, repeat=2):
        earlier = (
            run(["dpkg", "--compare-versions", installed, "lt", stated], timeout=30).status == 0
        )
        if holds(replace(ZLIB, version=installed), f"<{stated}") != earlier:
            wrong.append((installed, stated))
    assert wrong == []


def test_two_bounds_and_a_hole() -> None:
    inside = [
        version
        for version in ("1.0", "1.5", "2.0", "2.5", "3.0")
        if holds(replace(TORCH, version=version), ">=1.5|<2.0|2.5")
    ]
    assert inside == ["1.5", "2.5"]
