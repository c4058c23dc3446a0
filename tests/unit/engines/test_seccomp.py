"""The seccomp profile is moby's as data, turned into the runtime specification's form."""

import errno
import hashlib
import json
import socket
import tomllib
from typing import Any

import pytest

from careen.engines.embedded.seccomp import DROPPED, FAMILIES, seccomp
from careen.engines.embedded.seccomp_profile import PROFILE, Conditions, moby_profile, rules_for
from careen.engines.embedded.spec import CAPABILITIES

HERE = Conditions("amd64", (6, 1), frozenset())


def made(**rule: Any) -> dict[str, Any]:
    return {"names": ["x"], "action": "SCMP_ACT_ALLOW", **rule}


def kept(rule: dict[str, Any], conditions: Conditions = HERE) -> bool:
    return rules_for({"syscalls": [rule]}, conditions) != []


def test_the_profile_is_the_file_that_its_source_names() -> None:
    source = tomllib.loads(PROFILE.with_suffix(".toml").read_text())
    assert hashlib.sha256(PROFILE.read_bytes()).hexdigest() == source["sha256"]
    assert source["licence"] == "Apache-2.0"
    assert source["date"].year >= 2026


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (made(), True),
        (made(includes={}, excludes={}), True),
        (made(includes={"arches": ["amd64", "x32"]}), True),
        (made(includes={"arches": ["arm64"]}), False),
        (made(excludes={"arches": ["s390x"]}), True),
        (made(excludes={"arches": ["amd64"]}), False),
        (made(includes={"caps": ["CAP_SYS_ADMIN"]}), False),
        (made(excludes={"caps": ["CAP_SYS_ADMIN"]}), True),
        (made(includes={"minKernel": "4.8"}), True),
        (made(includes={"minKernel": "6.1"}), True),
        (made(includes={"minKernel": "6.10"}), False),
        (made(excludes={"minKernel": "6.1"}), False),
        (made(excludes={"minKernel": "6.10"}), True),
    ],
)
def test_a_rule_holds_when_its_conditions_do(rule: dict[str, Any], expected: bool) -> None:
    assert kept(rule) is expected


def test_a_rule_asks_for_all_of_its_capabilities_and_is_excluded_by_one() -> None:
    one = Conditions("amd64", (6, 1), frozenset({"CAP_BPF"}))
    both = Conditions("amd64", (6, 1), frozenset({"CAP_BPF", "CAP_SYSLOG"}))
    names = ["CAP_BPF", "CAP_SYSLOG"]
    assert not kept(made(includes={"caps": names}), one)
    assert kept(made(includes={"caps": names}), both)
    assert not kept(made(excludes={"caps": names}), one)


def test_what_the_specification_does_not_know_is_left_out() -> None:
    rule = made(comment="why", includes={"minKernel": "4.8"}, errnoRet=38)
    assert rules_for({"syscalls": [rule]}, HERE) == [
        {"names": ["x"], "action": "SCMP_ACT_ALLOW", "errnoRet": 38}
    ]


def actions(profile: dict[str, Any], name: str) -> list[tuple[str, Any, Any]]:
    return [
        (rule["action"], rule.get("errnoRet"), rule.get("args"))
        for rule in profile["syscalls"]
        if name in rule["names"]
    ]


def test_calls_are_refused_unless_they_are_listed() -> None:
    profile = json.loads(json.dumps(seccomp(CAPABILITIES, "amd64")))
    assert (profile["defaultAction"], profile["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", errno.EPERM)
    for name in (
        "io_uring_setup",
        "userfaultfd",
        "pidfd_getfd",
        "process_madvise",
        "get_mempolicy",
    ):
        assert actions(profile, name) == [], name
    for name in DROPPED:
        assert actions(profile, name) == [], name
        assert any(name in rule["names"] for rule in moby_profile()["syscalls"]), name
    assert actions(profile, "chroot") == [("SCMP_ACT_ALLOW", None, None)]
    assert actions(profile, "clone3") == [("SCMP_ACT_ERRNO", errno.ENOSYS, None)]


def test_only_four_families_of_sockets_are_allowed() -> None:
    allowed = {
        args[0]["value"]
        for action, _, args in actions(seccomp(CAPABILITIES, "amd64"), "socket")
        if action == "SCMP_ACT_ALLOW" and args[0]["op"] == "SCMP_CMP_EQ"
    }
    assert allowed == set(FAMILIES)
    refused = {"AF_ALG", "AF_KEY", "AF_PACKET", "AF_VSOCK"}
    assert allowed.isdisjoint(getattr(socket, name) for name in refused)
    assert 44 not in allowed  # AF_XDP, for which Python has no name


def test_a_32_bit_call_gets_round_the_families_in_an_image_for_386_only() -> None:
    refused = seccomp(CAPABILITIES, "amd64")
    assert actions(refused, "socketcall") == [("SCMP_ACT_ERRNO", errno.ENOSYS, None)]
    # libseccomp makes a rule for it of the first one for `socket`.
    order = [name for rule in refused["syscalls"] for name in rule["names"]]
    assert order.index("socketcall") < order.index("socket")
    old = seccomp(CAPABILITIES, "386")
    assert actions(old, "socketcall") == [("SCMP_ACT_ALLOW", None, None)]
