"""Which system calls a policy allows, and what the seccomp profile makes of them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from careen.errors import EvidenceError, InputError
from careen.model.image import ImageConfig
from careen.model.policies.policy import CallSource
from careen.model.rbom import ImageRef
from careen.model.runs.trace import Phase, Use
from careen.pipeline.policy import docker_defaults
from careen.policy.files.seccomp import seccomp_profile
from careen.policy.make import make_policy
from careen.policy.tables import floor, variants
from tests.support.boms import BOM, RUN
from tests.support.policies import CALLS, bom_of, policy_of, subject_of, used


def actions(profile: dict[str, Any]) -> dict[str, list[tuple[str, Any]]]:
    """Return for each call its actions with their conditions."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for rule in profile["syscalls"]:
        for name in rule["names"]:
            found.setdefault(name, []).append((rule["action"], rule.get("args")))
    return found


def profile_of(**calls: Any) -> dict[str, list[tuple[str, Any]]]:
    subject = subject_of(bom_of(**calls))
    return actions(json.loads(seccomp_profile(policy_of(subject), subject.defaults)))


def test_what_was_observed_is_allowed_with_its_phases() -> None:
    calls = {call.name: call for call in policy_of().calls.allowed}
    assert all(name in calls for names in CALLS.values() for name in names)
    assert (calls["unlink"].source, calls["unlink"].reason) == (CallSource.OBSERVED, "serving")


def test_a_variant_of_an_observed_call_is_allowed_and_says_of_which() -> None:
    calls = {call.name: call for call in policy_of().calls.allowed}
    assert (calls["unlinkat"].source, calls["unlinkat"].reason) == (
        CallSource.VARIANT,
        "does what unlink does",
    )
    assert "symlink" not in calls


@pytest.mark.parametrize(
    ("observed", "other"),
    [
        ("getsockopt", "setsockopt"),
        ("setsockopt", "getsockopt"),
        ("getrlimit", "setrlimit"),
        ("setrlimit", "getrlimit"),
    ],
)
def test_a_call_that_reads_is_no_variant_of_one_that_changes(observed: str, other: str) -> None:
    calls = bom_of(syscalls={Phase.START: ("execve", observed)})
    names = policy_of(subject_of(calls)).calls.names
    assert observed in names
    assert other not in names


def test_the_floor_is_allowed_with_the_reason_of_each_call() -> None:
    calls = {call.name: call for call in policy_of().calls.allowed}
    assert calls["rt_sigreturn"].source is CallSource.FLOOR
    assert "signals" in calls["rt_sigreturn"].reason


def test_floor_and_variants_are_calls_that_dockers_default_allows() -> None:
    """A call of the tables that docker refuses would widen a profile, or be a misspelling."""
    defaults = docker_defaults("amd64", BOM)
    arm = docker_defaults("arm64", BOM)
    permitted = defaults.allowed(frozenset()) | arm.allowed(frozenset()) | {"fstatat64"}
    assert floor().keys() - permitted == set()
    assert {name for same in variants() for name in same} - permitted == set()


def test_what_docker_refuses_is_not_allowed_and_is_named() -> None:
    policy = policy_of(subject_of(bom_of(syscalls={Phase.START: ("execve", "unshare", "bpf")})))
    assert policy.calls.refused == ("bpf", "unshare")
    assert policy.calls.names.isdisjoint({"unshare", "bpf"})


def test_threads_are_made_by_a_call_whose_flags_the_filter_reads() -> None:
    found = profile_of(syscalls={Phase.START: ("clone", "clone3")})
    assert found["clone3"] == [("SCMP_ACT_ERRNO", None)]
    ((action, args),) = found["clone"]
    assert (action, args[0]["value"], args[0]["op"]) == (
        "SCMP_ACT_ALLOW",
        2114060288,
        "SCMP_CMP_MASKED_EQ",
    )


def test_sockets_are_of_four_families() -> None:
    found = profile_of()
    assert [args[0]["value"] for _, args in found["socket"]] == [1, 2, 10, 16]
    assert "socket" not in profile_of(syscalls={Phase.START: ("execve",)})


def test_everything_else_is_refused_with_an_error_and_no_other_table_is_allowed() -> None:
    subject = subject_of()
    profile = json.loads(seccomp_profile(policy_of(subject), subject.defaults))
    assert (profile["defaultAction"], profile["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    assert profile["architectures"] == ["SCMP_ARCH_X86_64"]


def test_an_audit_profile_logs_what_docker_allows_and_refuses_the_rest() -> None:
    subject = subject_of()
    policy = policy_of(subject, audit=True)
    found = actions(json.loads(seccomp_profile(policy, subject.defaults)))
    assert found["symlink"] == [("SCMP_ACT_LOG", None)]
    assert found["openat"] == [("SCMP_ACT_ALLOW", None)]
    assert "mount" not in found
    both = {name for name, rules in found.items() if len({action for action, _ in rules}) > 1}
    assert both == set()


def test_an_audit_profile_lets_through_what_dockers_capabilities_open() -> None:
    """An audit policy drops no capability, so that a chroot works as with the engine's default."""
    subject = subject_of()
    policy = policy_of(subject, audit=True)
    assert "CAP_SYS_CHROOT" not in {each.name for each in policy.capabilities}
    found = actions(json.loads(seccomp_profile(policy, subject.defaults)))
    assert found["chroot"] == [("SCMP_ACT_LOG", None)]


def test_an_audit_profile_lets_32_bit_programs_run_as_docker_does() -> None:
    subject = subject_of()
    profile = json.loads(seccomp_profile(policy_of(subject, audit=True), subject.defaults))
    assert profile["architectures"] == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    assert actions(profile)["_llseek"] == [("SCMP_ACT_LOG", None)]  # i386 alone has it
    arm = docker_defaults("arm64", BOM)
    assert arm.architectures == ("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM")


def test_the_figures_are_against_dockers_default() -> None:
    calls = policy_of().calls
    assert calls.default is not None
    assert len(calls.allowed) < calls.default / 2


@pytest.mark.parametrize("machine", ["amd64", "arm64"])
def test_a_profile_has_only_calls_of_its_architecture(machine: str) -> None:
    bom = bom_of()
    defaults = docker_defaults(machine, bom)
    image = replace(BOM.image, platform=f"linux/{machine}")
    policy = make_policy(subject_of(bom, defaults=defaults), image, audit=False)
    assert policy.calls.names <= defaults.known
    assert ("open" in policy.calls.names) == (machine == "amd64")


def test_an_emulated_run_has_no_seccomp_profile_and_says_why() -> None:
    emulated = replace(RUN, sensor=replace(RUN.sensor, emulated=True))
    policy = policy_of(subject_of(bom_of(syscalls={}, runs=(emulated,))))
    assert "emulator" in policy.calls.unknown
    assert policy.calls.allowed == ()
    assert policy.calls.default is None


def test_an_incomplete_rbom_is_refused() -> None:
    lossy = replace(RUN, sensor=replace(RUN.sensor, losses={"ring_full": 3}))
    with pytest.raises(EvidenceError, match=r"3 events were lost .*profile again"):
        policy_of(subject_of(bom_of(runs=(lossy,))))


def test_an_rbom_of_another_image_is_refused() -> None:
    with pytest.raises(InputError, match="/opt/other ran in wl/app:1, and is not in"):
        policy_of(subject_of(bom_of((used("/opt/other", Use.EXECUTED),))))


OTHER = replace(BOM.image, config_digest=f"sha256:{'8' * 64}", manifest_digest=f"sha256:{'9' * 64}")


def made_of(*comments: str) -> ImageConfig:
    history = [{"created_by": "careen 1", "comment": comment} for comment in comments]
    return ImageConfig({"architecture": "amd64", "os": "linux", "history": history})


@pytest.mark.parametrize(
    ("image", "config", "linked"),
    [
        (BOM.image, made_of(), True),
        (replace(BOM.image, manifest_digest=None), made_of(), True),
        (OTHER, made_of(), False),
        (OTHER, made_of(f"original {OTHER.digest}"), False),
        (OTHER, made_of(f"original {BOM.image.digest}; kept paths sha256:{'5' * 64}"), True),
        (OTHER, made_of(f"original {BOM.image.digest}", f"original {OTHER.digest}"), True),
    ],
)
def test_an_rbom_that_nothing_links_with_the_image_is_told(
    image: ImageRef, config: ImageConfig, *, linked: bool
) -> None:
    unknown = make_policy(subject_of(config=config), image, audit=False).unknown
    said = [text for text in unknown if text.startswith("whether the RBOM is of this image")]
    assert (said == []) is linked
    assert linked or "it is of wl/app:1 (sha256:1111" in said[0]


def test_an_architecture_without_a_table_is_refused() -> None:
    with pytest.raises(InputError, match="no policy for s390x yet"):
        docker_defaults("s390x", BOM)
