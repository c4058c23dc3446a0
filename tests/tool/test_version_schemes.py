"""Version schemes against the tools that define them: dpkg and rpm live, apk, Maven and npm as
recorded from them (tests/support/versions).
"""

import gzip
import json
import random
import subprocess
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from bench.debian_agreement import FOLDER
from careen.formats.versions import UnreadableVersionError, scheme_of

RECORDED = Path(__file__).resolve().parents[1] / "support" / "versions"
Pairs = Sequence[tuple[str, str]]


def disagreements(
    ecosystem: str, pairs: Pairs, orders: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    """Return the pairs on which careen and the tool differ; `x` is what the tool refuses, and may
    be read or refused.
    """
    scheme = scheme_of(ecosystem)
    out = []
    for (a, b), expected in zip(pairs, orders, strict=True):
        try:
            found = str(scheme.compare(a, b))
        except UnreadableVersionError:
            found = "x"
        if expected not in (found, "x"):
            out.append((a, b, expected, found))
    return out


def made_pairs(
    seed: int, number: int, alphabet: str, known: Sequence[str], tokens: Sequence[str]
) -> list[tuple[str, str]]:
    """Real versions beside ones that differ in a character or two, and versions thrown together
    from tokens.
    """
    chance = random.Random(seed)  # noqa: S311 — tests want the same pairs each time

    def changed(text: str) -> str:
        place = chance.randrange(len(text) + 1)
        return text[:place] + chance.choice(alphabet) + text[place + chance.randint(0, 1) :]

    out = []
    for _ in range(number):
        first = (
            chance.choice(known)
            if chance.random() < 0.5
            else "1" + "".join(chance.choices(tokens, k=chance.randint(1, 6)))
        )
        second = changed(first) if chance.random() < 0.7 else chance.choice(known)
        out.append((first, second))
    return out


def run(argv: Sequence[str], text: str) -> list[str]:
    # the oracle
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=True, timeout=300)  # noqa: TID251
    return done.stdout.split()


def dpkg_orders(pairs: Pairs) -> list[str]:
    lines = (
        f"if dpkg --compare-versions '{a}' lt '{b}' 2>/dev/null; then echo -1; elif dpkg"
        f" --compare-versions '{a}' gt '{b}' 2>/dev/null; then echo 1; elif dpkg --compare-versions"
        f" '{a}' eq '{b}' 2>/dev/null; then echo 0; else echo x; fi"
        for a, b in pairs
    )
    return run(["sh"], "\n".join(lines))


def rpm_orders(pairs: Pairs, folder: Path) -> list[str]:
    line = (
        'do local x, y = rpm.ver("{}"), rpm.ver("{}"); print(x == nil and "x" or y == nil and "x"'
        ' or x < y and "-1" or y < x and "1" or "0") end'
    )
    script = folder / "orders.lua"
    script.write_text("\n".join(line.format(a, b) for a, b in pairs))
    return run(["rpmlua", str(script)], "")


DEBIAN = (
    "3.0.11-1~deb12u2",
    "1:1.2.13.dfsg-1",
    "2.36-9+deb12u10",
    "140.13.0esr-1~deb12u1",
    "22.01+really26.02+dfsg-0+deb12u1",
    "2.9.4+dfsg1-7+b3",
    "0~20171227-0.2",
)
RPM = (
    "1:3.0.7-27.el9",
    "2.28-236.el8_9.13",
    "32:9.11.36-11.el8_9.1",
    "1:20.11.1-1.module_el8.9.0+3775+d8460d35",
    "1.0~rc1-1.el9",
    "1.0^git1-1.el9",
    "5.14.0-70.el9",
)


@pytest.mark.dpkg
def test_debian_versions_are_in_dpkg_s_order() -> None:
    pairs = made_pairs(
        1,
        1500,
        "0123456789abzAZ.+~-",
        DEBIAN,
        ("1", "0", "10", ".", "-", "~", "+", "a", "rc", "deb", "00", "~~", "Z"),
    )
    orders = dpkg_orders(pairs)
    assert len({order for order in orders if order != "x"}) == 3
    assert disagreements("Debian", pairs, orders) == []


@pytest.mark.rpm
def test_rpm_versions_are_in_rpm_s_order(tmp_path: Path) -> None:
    pairs = made_pairs(
        2,
        6000,
        "0123456789abzAZ.+~^_",
        RPM,
        ("1", "0", "10", ".", "~", "^", "a", "rc", "el9", "_", "+", "00", "A"),
    )
    pairs = [
        pair
        for pair in pairs
        if all(version.rpartition(":")[0].isdigit() or ":" not in version for version in pair)
    ]  # rpm reads a word as an epoch
    orders = rpm_orders(pairs, tmp_path)
    assert len(pairs) > 5000
    assert disagreements("AlmaLinux", pairs, orders) == []


@pytest.mark.rpm
@pytest.mark.advisories
def test_versions_of_almalinux_s_records_are_in_rpm_s_order(tmp_path: Path) -> None:
    versions: set[str] = set()
    with gzip.open(FOLDER / "almalinux-osv.jsonl.gz", "rt") as lines:
        for line in lines:
            versions.update(
                event["fixed"]
                for affected in json.loads(line)["affected"]
                for one in affected["ranges"]
                for event in one["events"]
                if "fixed" in event
            )
    ordered = sorted(versions)
    assert len(ordered) > 5000
    assert any(".module_el" in version for version in ordered)
    pairs = list(pairwise(ordered))
    orders = rpm_orders(pairs, tmp_path)
    assert "x" not in orders
    assert disagreements("AlmaLinux", pairs, orders) == []


@pytest.mark.parametrize(
    ("ecosystem", "name"), [("Alpine", "apk"), ("Maven", "maven"), ("npm", "npm")]
)
def test_versions_are_in_the_recorded_order(ecosystem: str, name: str) -> None:
    rows = [
        line.split()
        for line in (RECORDED / f"{name}.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert len(rows) > 650
    assert {row[2] for row in rows} == {"-1", "0", "1"}
    assert (
        disagreements(ecosystem, [(a, b) for a, b, _ in rows], [order for _, _, order in rows])
        == []
    )


@pytest.mark.parametrize(
    ("ecosystem", "ordered"),
    [
        (
            "Debian",
            (
                "1.0~~",
                "1.0~rc1",
                "1.0",
                "1.0-1~deb12u1",
                "1.0-1",
                "1.0-1+b1",
                "1.0+dfsg-1",
                "1.10-1",
                "1:0.1-1",
            ),
        ),
        ("AlmaLinux", ("1.0~rc1-1", "1.0-1", "1.0^git1-1", "1.0.1-1", "1.10-1", "1:0.1-1")),
        (
            "Alpine",
            (
                "1.0_alpha1",
                "1.0_rc1-r0",
                "1.0-r0",
                "1.0-r10",
                "1.0_p1-r0",
                "1.0a-r0",
                "1.0.1-r0",
                "1.1-r0",
                "1.10-r0",
            ),
        ),
        (
            "PyPI",
            ("1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0+cpu", "1.0.post1", "1.1.dev0", "1!0.1"),
        ),
        (
            "npm",
            (
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.0.1",
            ),
        ),
        (
            "Go",
            (
                "v0.0.0-20220101000000-aaaaaaaaaaaa",
                "v1.0.0-rc.1",
                "v1.0.0",
                "v1.0.1-0.20220101000000-aaaaaaaaaaaa",
                "1.0.1",
                "go1.21rc2",
                "go1.21",
                "1.21.1",
            ),
        ),
        (
            "Maven",
            ("1-alpha-1", "1-beta", "1-rc1", "1-SNAPSHOT", "1", "1-sp", "1-jre", "1.1", "1.10"),
        ),
        ("crates.io", ("0.1.0-0", "0.1.0", "0.2.0", "0.10.0")),
    ],
)
def test_the_order_of_versions_as_their_documents_have_it(
    ecosystem: str, ordered: tuple[str, ...]
) -> None:
    compare: Callable[[str, str], int] = scheme_of(ecosystem).compare
    for place, version in enumerate(ordered):
        assert compare(version, version) == 0
        for newer in ordered[place + 1 :]:
            assert (compare(version, newer), compare(newer, version)) == (-1, 1), (version, newer)
