"""What the probe program tries, and what its results mean."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import careen.policy
from careen.errors import ToolError
from careen.model.policies.policy import Writable, WritableBy
from careen.model.policies.proof import BlockedBy, PolicyProof, ProbeResult
from careen.policy.probes import judged, places, probes, read_results
from tests.support.policies import policy_of

SOURCE = Path(careen.policy.__file__).parent / "probe" / "probe.c"
ALL_OK = {probe.name: "ok" for probe in probes()}


def result(name: str, under: str, without: str = "ok") -> ProbeResult:
    return of(name, judged(policy_of(), {**ALL_OK, name: under}, {**ALL_OK, name: without}))


def of(name: str, results: Iterable[ProbeResult]) -> ProbeResult:
    return next(each for each in results if each.name == name)


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
        ("gain-privileges", "EPERM", BlockedBy.NO_NEW_PRIVILEGES),
        ("kcore", "ENODATA", BlockedBy.MASKED),
        ("kcore", "ENOENT", BlockedBy.KERNEL),
        ("shell", "ENOENT", BlockedBy.ABSENT),
        ("old-table", "killed", BlockedBy.SECCOMP),
        ("ptrace", "killed", BlockedBy.UNKNOWN),
        ("shell", "ENOEXEC", BlockedBy.UNKNOWN),
        ("set-clock", "EINVAL", BlockedBy.UNKNOWN),
        ("device", "EEXIST", BlockedBy.UNKNOWN),
        ("file-handle", "ESTALE", None),
        ("module", "ENOEXEC", None),
        ("module-file", "EBADF", None),
        ("pivot-root", "ENOENT", None),
        ("reboot", "EINVAL", None),
        ("shell", "ok", None),
    ],
)
def test_what_blocks_is_named(name: str, under: str, expected: BlockedBy | None) -> None:
    assert result(name, under).blocked_by is expected


@pytest.mark.parametrize(
    ("wrote", "ran", "expected"),
    [
        ("ok", "EACCES", BlockedBy.NO_EXECUTION),
        ("EACCES", "EACCES", BlockedBy.PERMISSIONS),
        ("EROFS", "EROFS", BlockedBy.READ_ONLY),
        ("ENOENT", "ENOENT", BlockedBy.ABSENT),
        ("ok", "ok", None),
    ],
)
def test_a_written_program_is_tried_in_each_directory(
    wrote: str, ran: str, expected: BlockedBy | None
) -> None:
    ok = {**ALL_OK, "wrote-0": "ok", "run-written-0": "ok"}
    under = {**ok, "wrote-1": wrote, "run-written-1": ran}
    without = {**ok, "wrote-1": "ok", "run-written-1": "ok"}
    results = list(judged(policy_of(), under, without, ("/tmp", "/data")))
    assert of("run-written:/tmp", results).blocked_by is None
    found = of("run-written:/data", results)
    assert (found.title, found.blocked_by) == ("run a program written to /data", expected)
    with pytest.raises(ToolError, match="ended before '/data'"):
        list(judged(policy_of(), ok, without, ("/tmp", "/data")))


def test_every_directory_that_can_be_written_is_tried() -> None:
    data = Writable("/data", WritableBy.VOLUME, 0, 0, 0o755, executable=False, reason="a VOLUME")
    policy = replace(policy_of(), writable=(data,), fixed_root=())
    assert policy.read_only
    assert places(policy, ("/run", "/tmp")) == ("/tmp", "/data", "/run", "/dev/shm")
    assert places(replace(policy, fixed_root=("/etc",)))[-1] == "/"


def test_what_the_engine_blocks_anyway_is_told() -> None:
    assert result("mount", "EPERM", "EPERM").already
    assert not result("mount", "EPERM", "ok").already


def test_what_is_not_there_does_not_count_as_blocked() -> None:
    results = (
        result("shell", "ENOENT"),
        result("kcore", "ENOENT"),
        result("device", "EEXIST"),
        result("old-table", "killed", "killed"),
        result("mount", "EPERM"),
    )
    proof = PolicyProof("docker", (), results, ())
    assert (proof.blocked, proof.by_policy_alone) == (1, 1)


def test_a_kernel_without_the_table_of_32_bit_calls_blocks_nothing() -> None:
    assert result("old-table", "killed", "killed").blocked_by is BlockedBy.KERNEL


def test_an_error_after_the_permission_is_no_refusal_by_the_engine() -> None:
    assert not result("file-handle", "EPERM", "ESTALE").already
    assert result("file-handle", "EPERM", "EBADF").already


def test_a_probe_that_did_not_run_is_told() -> None:
    half = {name: "ok" for name in ALL_OK if name != "mount"}
    for pair in ((ALL_OK, half), (half, ALL_OK)):
        with pytest.raises(ToolError, match="ended before 'mount'"):
            list(judged(policy_of(), *pair))


def test_a_probe_that_a_machine_lacks_is_left_out() -> None:
    without = {name: "ok" for name in ALL_OK if name != "old-table"}
    assert "old-table" not in {each.name for each in judged(policy_of(), without, without)}


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
    found = of("ptrace", judged(open_, {**ALL_OK, "ptrace": "EPERM"}, ALL_OK))
    assert found.blocked_by is BlockedBy.CAPABILITIES
