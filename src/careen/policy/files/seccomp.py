"""Seccomp profile (OCI runtime specification, `linux.seccomp`), as docker, podman, CRI-O and the
kubelet read it.
"""

import errno
import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

from careen.model.policies.policy import Policy
from careen.policy.calls import HIDDEN
from careen.policy.subject import Defaults, Rules

FILE = "seccomp.json"
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
"""Families that `socket` makes; the others are kernel code that no service without devices needs
(docs/adr/0018-seccomp-profile-as-data.md).
"""
_ARCHITECTURES = {"amd64": "SCMP_ARCH_X86_64", "arm64": "SCMP_ARCH_AARCH64"}
_ALLOW, _LOG, _REFUSE = "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_ERRNO"
_SOCKET = "socket"


def seccomp_profile(policy: Policy, defaults: Defaults) -> bytes:
    """Return the profile; `policy.calls` must be known.

    With `audit`, what docker's default allows beyond the policy is logged instead of refused.
    """
    # An audit policy drops no capability, and an engine's rules depend on those that are held.
    held = frozenset(each.name for each in policy.capabilities)
    rules = defaults.rules(defaults.capabilities if policy.audit else held)
    # No other table of numbers (32-bit, x32): its calls end the process.
    own = (_ARCHITECTURES[policy.calls.architecture],)
    document = {
        "defaultAction": _REFUSE,
        "defaultErrnoRet": int(errno.EPERM),
        "architectures": list(defaults.architectures if policy.audit else own),
        "syscalls": list(_rules(policy, rules, defaults)),
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def is_supported(architecture: str) -> bool:
    """Return whether a profile can be written for an architecture (Go's name)."""
    return architecture in _ARCHITECTURES


def _rules(policy: Policy, rules: Rules, defaults: Defaults) -> Iterator[dict[str, Any]]:
    names = policy.calls.names
    plain, conditional = _as_in_default(rules, names - {_SOCKET})
    yield {"names": plain, "action": _ALLOW}
    yield from conditional
    if HIDDEN in defaults.known:
        yield {"names": [HIDDEN], "action": _REFUSE, "errnoRet": int(errno.ENOSYS)}
    if _SOCKET in names and not policy.audit:
        yield from (_family(family) for family in FAMILIES)
    if policy.audit:
        yield from _logged(rules, names)


def _as_in_default(
    rules: Rules, names: frozenset[str], action: str = _ALLOW
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the calls that docker's default allows as they are, and rules for the others."""
    allowing = [rule for rule in rules if rule["action"] == _ALLOW]
    plain = {name for rule in allowing if not rule.get("args") for name in rule["names"]}
    conditional = [
        {"names": [name], "action": action, "args": _arguments(rule)}
        for rule in allowing
        for name in rule["names"]
        if rule.get("args") and name in names - plain
    ]
    return sorted(names & plain), conditional


def _arguments(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(argument) for argument in rule["args"]]


def _logged(rules: Rules, names: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield rules that log what docker's default allows and the policy does not.

    The names of the other architectures are among them, since 32-bit programs run.
    """
    permitted = {name for rule in rules if rule["action"] == _ALLOW for name in rule["names"]}
    others = permitted - names - {HIDDEN, _SOCKET}
    plain, conditional = _as_in_default(rules, frozenset(others), _LOG)
    if plain:
        yield {"names": plain, "action": _LOG}
    yield from conditional
    _, sockets = _as_in_default(rules, frozenset({_SOCKET}), _ALLOW if _SOCKET in names else _LOG)
    yield from sockets


def _family(number: int) -> dict[str, Any]:
    equal = {"index": 0, "value": int(number), "op": "SCMP_CMP_EQ"}
    return {"names": [_SOCKET], "action": _ALLOW, "args": [equal]}
