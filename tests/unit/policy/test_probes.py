"""What the probe program tries, and what its results mean."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import careen.policy
from careen.model.policies.proof import BlockedBy, PolicyProof, ProbeResult
from careen.policy.probes import judged, probes, read_results
from tests.support.policies import policy_of

SOURCE = Path(careen.policy.__file__).parent / "probe" / "probe.c"
ALL_OK = {probe.name: "ok" for probe in probes()}


def result(name: str, under: str, without: str = "ok") -> ProbeResult:
    (found,) = judged(policy_of(), {name: under}, {name: without})
    return found


def test_the_table_has_what_the_program_tries_in_its_order() -> None:
    tried = re.findall(r'^\t\{"([a-z-]+)", \w+, [01]\},$', SOURCE.read_text(), re.MULTILINE)
    assert [probe.name for probe in probes()] == tried
    assert len(tried) > 40


@pytest.mark.parametrize(
    ("name", "under", "expected"),
    [
        ("ptrace", "EPERM", BlockedBy.SECCOMP),
        ("packet-socket", "EPERM", BlockedBy.SECCOMP),
        ("raw-socket", "EPERM", BlockedBy.CAPABILITIES),
        ("setuid", "EPERM", BlockedBy.CAPABILITIES),
        ("clone-user", "EPERM", BlockedBy.SECCOMP),
        ("write-usr", "EROFS", BlockedBy.READ_ONLY),
        ("write-usr", "EACCES", BlockedBy.PERMISSIONS),
        ("run-written", "EACCES", BlockedBy.NO_EXECUTION),
        ("gain-privileges", "EPERM", BlockedBy.NO_NEW_PRIVILEGES),
        ("kcore", "ENODATA", BlockedBy.MASKED),
        ("kcore", "ENOENT", BlockedBy.KERNEL),
        ("shell", "ENOENT", BlockedBy.ABSENT),
        ("old-table", "killed", BlockedBy.SECCOMP),
        ("shell", "E2BIG", BlockedBy.OTHER),
        ("shell", "ok", None),
    ],
)
def test_what_blocks_is_named(name: str, under: str, expected: BlockedBy | None) -> None:
    assert result(name, under).blocked_by is expected


def test_what_the_engine_blocks_anyway_is_told() -> None:
    assert result("mount", "EPERM", "EPERM").already
    assert not result("mount", "EPERM", "ok").already


def test_what_is_not_there_does_not_count_as_blocked() -> None:
    results = (result("shell", "ENOENT"), result("kcore", "ENOENT"), result("mount", "EPERM"))
    proof = PolicyProof("docker", (), results, ())
    assert (proof.blocked, proof.by_policy_alone) == (1, 1)


def test_a_probe_that_ran_once_is_left_out() -> None:
    assert list(judged(policy_of(), ALL_OK, {})) == []


def test_output_is_read_line_by_line_and_other_lines_are_left_out() -> None:
    text = "shell=0\nmount=1\nold-table=killed\nwarning: x=1\nkcore=99999\nodd=9999\n"
    assert read_results(text) == {
        "shell": "ok",
        "mount": "EPERM",
        "old-table": "killed",
        "odd": "error 9999",
    }


def test_a_call_that_the_profile_allows_is_not_told_as_refused_by_it() -> None:
    policy = policy_of()
    open_ = replace(
        policy,
        calls=replace(
            policy.calls,
            allowed=(*policy.calls.allowed, replace(policy.calls.allowed[0], name="ptrace")),
        ),
    )
    (found,) = judged(open_, {"ptrace": "EPERM"}, {"ptrace": "ok"})
    assert found.blocked_by is BlockedBy.CAPABILITIES
