"""Patch plans as JSON: what is written is read back, and every other document is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import ConfigError
from careen.model.findings.advisory import Severity
from careen.model.packages.package import Ecosystem
from careen.model.patching import Blocked, BlockReason, PatchPlan, Rating, Reach, Upgrade
from careen.model.rbom import ImageRef
from careen.patch.store import find_patch_plan, read_patch_plan, write_patch_plan

TEXT = st.text(max_size=12)  # lone surrogates and control characters among them
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
DIGEST = "sha256:" + "ab" * 32
IMAGE = ImageRef("app:1", DIGEST, DIGEST, (DIGEST,), "linux/amd64")
UPGRADES = st.builds(
    Upgrade,
    purl=TEXT,
    name=TEXT,
    ecosystem=st.sampled_from(Ecosystem),
    installed=TEXT,
    target=TEXT,
    manager=TEXT,
    group=TEXT,
    closes=TEXTS,
    pulled_by=TEXTS,
    origin=TEXT,
    sha256=st.sampled_from(["", "0f" * 32]),
    inside=TEXT,
)
BLOCKED = st.builds(
    Blocked,
    purl=TEXT,
    name=TEXT,
    installed=TEXT,
    findings=TEXTS,
    barrier=st.sampled_from(BlockReason),
    detail=TEXT,
)
RATINGS = st.builds(Rating, id=TEXT, severity=st.sampled_from(Severity), kev=st.booleans())
PLANS = st.builds(
    PatchPlan,
    image=st.just(IMAGE),
    reach=st.sampled_from(Reach),
    upgrades=st.lists(UPGRADES, max_size=2).map(tuple),
    blocked=st.lists(BLOCKED, max_size=2).map(tuple),
    notes=TEXTS,
    ratings=st.lists(RATINGS, max_size=2).map(tuple),
)


@given(PLANS)
def test_a_plan_is_read_back_as_it_was(plan: PatchPlan) -> None:
    data = write_patch_plan(plan)
    assert data.isascii()
    assert read_patch_plan(data) == plan
    assert write_patch_plan(read_patch_plan(data)) == data


PLAN = PatchPlan(
    image=IMAGE,
    reach=Reach.SECURITY,
    upgrades=(
        Upgrade(
            purl="pkg:pypi/a@1",
            name="a",
            ecosystem=Ecosystem.PYPI,
            installed="1",
            target="2",
            manager="python /opt",
            group="g",
            closes=("CVE-1",),
            pulled_by=(),
            origin="index",
            sha256="0f" * 32,
        ),
    ),
    blocked=(
        Blocked(
            purl="pkg:deb/b@1",
            name="b",
            installed="1",
            findings=("CVE-2",),
            barrier=next(iter(BlockReason)),
            detail="why",
        ),
    ),
    notes=("note",),
    ratings=(Rating("CVE-1", Severity.HIGH, kev=True),),
)


def changed(*steps: str | int, to: object) -> bytes:
    """Return the document with another value at a place; `to` is `...` to remove the key."""
    document = json.loads(write_patch_plan(PLAN))
    at = document
    for step in steps[:-1]:
        at = at[step]
    if to is ...:
        del at[steps[-1]]
    else:
        at[steps[-1]] = to
    return json.dumps(document).encode()


WRONG: dict[str, tuple[bytes, str]] = {
    "another format": (changed("format", to="careen.plan"), "careen.patch-plan"),
    "later version": (changed("version", to=2), "version"),
    "version that is true": (changed("version", to=True), "version"),
    "unknown key": (changed("more", to=1), "more"),
    "missing key": (changed("notes", to=...), "notes"),
    "unknown reach": (changed("reach", to="far"), "patch plan.reach"),
    "reach of another type": (changed("reach", to=[]), "patch plan.reach"),
    "upgrades that are no list": (changed("upgrades", to={}), "patch plan.upgrades"),
    "upgrade that is none": (changed("upgrades", 0, to=None), "patch plan.upgrades[0]"),
    "upgrade without a target": (changed("upgrades", 0, "target", to=...), "target"),
    "target of another type": (
        changed("upgrades", 0, "target", to=3),
        "patch plan.upgrades[0].target",
    ),
    "short digest": (changed("upgrades", 0, "sha256", to="0f"), "64 hex characters or nothing"),
    "digest in capitals": (
        changed("upgrades", 0, "sha256", to="0F" * 32),
        "64 hex characters or nothing",
    ),
    "unknown ecosystem": (
        changed("upgrades", 0, "ecosystem", to="cobol"),
        "patch plan.upgrades[0].ecosystem",
    ),
    "unknown barrier": (changed("blocked", 0, "barrier", to="x"), "patch plan.blocked[0].barrier"),
    "findings that are no texts": (
        changed("blocked", 0, "findings", to=[1]),
        "patch plan.blocked[0].findings",
    ),
    "unknown severity": (
        changed("ratings", 0, "severity", to="dire"),
        "patch plan.ratings[0].severity: expected one of",
    ),
    "severity of another type": (
        changed("ratings", 0, "severity", to={}),
        "patch plan.ratings[0].severity",
    ),
    "known exploited as a number": (changed("ratings", 0, "kev", to=1), "true or false"),
    "no object": (b"[]", "patch plan"),
    "no JSON": (b"{", "patch plan"),
    "nothing": (b"", "patch plan"),
    "nested too deep": (b"[" * 100_000, "patch plan"),
}


@pytest.mark.parametrize("name", WRONG)
def test_another_document_is_refused_with_the_place(name: str) -> None:
    data, expected = WRONG[name]
    with pytest.raises(ConfigError) as caught:
        read_patch_plan(data)
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message
    assert len(message) < 1000


@pytest.mark.parametrize(
    "wrap",
    [
        lambda document: document,
        lambda document: {"format": "careen.plan", "patch": document},
    ],
)
def test_a_plan_is_found_alone_and_in_a_hardening(
    wrap: Callable[[Any], Any], tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(wrap(json.loads(write_patch_plan(PLAN)))))
    assert find_patch_plan(path) == PLAN


def test_a_plan_without_upgrades_has_none(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"format": "careen.plan", "keep": ["/a"]}')
    assert find_patch_plan(path) is None


def test_the_message_names_the_file_and_the_place_in_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    document = json.loads(write_patch_plan(replace(PLAN, notes=("x",))))
    document["reach"] = "far"
    path.write_text(json.dumps({"patch": document}))
    with pytest.raises(ConfigError) as caught:
        find_patch_plan(path)
    assert str(caught.value).startswith(f"{path}: plan.patch.reach: ")
