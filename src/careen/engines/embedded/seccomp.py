"""The system calls that a container of the embedded engine may make: docker's list, less what only
an attacker gains from.
"""

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
"""What `socket` may make. Every other family (AF_ALG, AF_KEY, AF_PACKET, AF_VSOCK, AF_XDP …) is
kernel code that no service in a container without devices needs.
"""

# They show the mounts and the kernel's security modules; docker has let them through since 2025
# only.
DROPPED = frozenset({"listmount", "statmount"})

_I386 = "386"


def seccomp(capabilities: Collection[str], architecture: str) -> dict[str, Any]:
    """Return `linux.seccomp` of the runtime specification.

    `capabilities` are the bounding ones, `architecture` the image's, in Go's name.
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
    """Refuse `socketcall`, by which a 32-bit call names a family where no filter can look.

    It has to come before the rules for `socket`, of which libseccomp makes one for it, and with
    another error than the default, or the runtime leaves it out. An image for 386 needs it: C
    libraries that are built for old kernels have no other way to a socket.
    """
    if architecture == _I386:
        return []
    return [{"names": ["socketcall"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.ENOSYS}]


def _family(number: int) -> dict[str, Any]:
    equal = {"index": 0, "value": int(number), "op": "SCMP_CMP_EQ"}
    return {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [equal]}
