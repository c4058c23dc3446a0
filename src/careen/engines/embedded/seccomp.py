"""The system calls of the embedded engine's containers: docker's list with fewer of them."""

import errno
import socket
from collections.abc import Collection
from typing import Any

from careen.engines.embedded.seccomp_profile import (
    architectures,
    machine_conditions,
    moby_profile,
    rules_for,
)

FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
"""Allowed families of `socket`. The others (AF_ALG, AF_KEY, AF_PACKET, AF_VSOCK, AF_XDP …) are
kernel code that no service in a container without devices needs.
"""

# They show the mounts; docker has allowed them only since 2025.
DROPPED = frozenset({"listmount", "statmount"})

_I386 = "386"


def seccomp(capabilities: Collection[str], architecture: str) -> dict[str, Any]:
    """Return `linux.seccomp` of the runtime specification.

    `capabilities` are the bounding set, `architecture` is the image's in Go's terms.
    """
    profile = moby_profile()
    rules = rules_for(profile, machine_conditions(capabilities))
    without = DROPPED | {"socket"} | (set() if architecture == _I386 else {"socketcall"})
    kept = [{**rule, "names": names} for rule in rules if (names := _less(rule["names"], without))]
    return {
        "defaultAction": profile["defaultAction"],
        "defaultErrnoRet": profile["defaultErrnoRet"],
        "architectures": architectures(profile),
        "syscalls": [*_multiplexer(architecture), *kept, *(_family(family) for family in FAMILIES)],
    }


def _less(names: Collection[str], without: Collection[str]) -> list[str]:
    return [name for name in names if name not in without]


def _multiplexer(architecture: str) -> list[dict[str, Any]]:
    """Return a rule that refuses `socketcall`, except for images for 386."""
    # With `socketcall` a 32-bit call names a socket family where no filter can look. The rule must
    # come before those for `socket`, from which libseccomp derives one for it. Its error must
    # differ from the default, or the runtime drops the rule. C libraries for old 386 kernels have
    # no other way to a socket.
    if architecture == _I386:
        return []
    return [{"names": ["socketcall"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.ENOSYS}]


def _family(number: int) -> dict[str, Any]:
    equal = {"index": 0, "value": int(number), "op": "SCMP_CMP_EQ"}
    return {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [equal]}
