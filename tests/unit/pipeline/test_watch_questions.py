"""The lock of a state, and questions about fixes."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from careen.errors import ConfigError, ToolError
from careen.model.packages.package import Ecosystem
from careen.model.patching import Blocked, BlockReason, PatchPlan, Reach, Upgrade
from careen.model.rbom import ImageRef
from careen.pipeline.watching.lock import only_pass
from careen.pipeline.watching.offers import (
    MOST,
    NEVER,
    findings_without_offer,
    next_question,
    offer_of,
)
from careen.pipeline.watching.state import Awaited

DIGEST = "sha256:" + "ab" * 32


def test_one_pass_at_a_time(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state"
    other: AbstractContextManager[None] = only_pass(state, "11:00")
    with only_pass(state, "10:00"):
        with pytest.raises(ToolError) as caught, other:
            pass
        message = str(caught.value)
        assert message.startswith("another pass is running (since 10:00, process ")
        assert str(state) in message
    with only_pass(state, "12:00"):
        assert (state / "lock").read_text().startswith("since 12:00, process ")


def test_a_state_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ConfigError, match=r"state directory '.*/file/state': Not a directory;"),
        only_pass(tmp_path / "file" / "state", ""),
    ):
        pass
    state = tmp_path / "state"
    state.mkdir()
    (state / "lock").symlink_to(tmp_path / "victim")
    with (
        pytest.raises(ConfigError, match="Too many levels of symbolic links"),
        only_pass(state, ""),
    ):
        pass
    assert not (tmp_path / "victim").exists()


# Whether another run is worth it for a fix.


def upgrade(*closes: str) -> Upgrade:
    return Upgrade("pkg:pypi/a@1", "a", Ecosystem.PYPI, "1", "2", "python", "g", closes)


def blocked(reason: BlockReason, *findings: str, name: str = "a", detail: str = "") -> Blocked:
    return Blocked(f"pkg:pypi/{name}@1", name, "1", findings, reason, detail)


def plan(upgrades: tuple[Upgrade, ...] = (), left: tuple[Blocked, ...] = ()) -> PatchPlan:
    image = ImageRef("app:1", DIGEST, DIGEST, (), "linux/amd64")
    return PatchPlan(image=image, reach=Reach.SECURITY, upgrades=upgrades, blocked=left, notes=())


def test_an_upgrade_or_silence_about_a_finding_is_worth_a_run() -> None:
    assert offer_of(plan((upgrade("CVE-1"),)), {"CVE-1"}).worthwhile
    assert offer_of(plan(), {"CVE-1"}).worthwhile
    both = plan((upgrade("CVE-1"),), (blocked(BlockReason.HELD, "CVE-1"),))
    assert offer_of(both, {"CVE-1"}).worthwhile
    one = plan((), (blocked(BlockReason.HELD, "CVE-1"),))
    assert offer_of(one, {"CVE-1", "CVE-2"}).worthwhile


def test_what_nothing_closes_is_not_worth_a_run_and_says_why() -> None:
    left = tuple(
        blocked(BlockReason.HELD, f"CVE-{number}", name=f"p{number}", detail="by hand")
        for number in range(5)
    )
    offer = offer_of(plan((), left), {f"CVE-{number}" for number in range(5)})
    assert not offer.worthwhile
    assert offer.awaited == ()
    assert offer.why.startswith(f"p0 1: {BlockReason.HELD.value} (by hand); p1 1: ")
    assert offer.why.endswith(" and 2 more")


def test_only_a_source_that_may_still_get_the_fix_is_waited_for() -> None:
    left = (
        blocked(BlockReason.UNAVAILABLE, "CVE-2", "CVE-9"),
        blocked(BlockReason.UNSURVEYED, "CVE-1"),
        blocked(BlockReason.HELD, "CVE-3"),
    )
    offer = offer_of(plan((), left), {"CVE-1", "CVE-2", "CVE-3"})
    assert offer.awaited == ("CVE-1", "CVE-2")
    assert findings_without_offer(None, ()) == ()


def test_questions_become_rarer_and_end() -> None:
    before = None
    waits: list[int] = []
    for _ in range(MOST + 1):
        before = next_question(before, ("CVE-1",), 1000.0)
        assert before is not None
        waits.append(before.until - 1000 if before.until != NEVER else NEVER)
    assert waits[:3] == [900, 1800, 3600]
    assert waits == [*sorted(waits[:-1]), NEVER]
    assert max(waits) == 86_400
    assert next_question(before, (), 1000.0) is None


def test_other_findings_begin_anew_and_fewer_do_not() -> None:
    known = Awaited(("CVE-1", "CVE-2"), 4, 0)
    fewer = next_question(known, ("CVE-1",), 0.0)
    other = next_question(known, ("CVE-1", "CVE-3"), 0.0)
    assert fewer is not None
    assert other is not None
    assert (fewer.times, other.times) == (5, 1)
