"""Docker's default seccomp profile in moby's form, and its rules for one container.

The profile is `data/moby-seccomp.json`; `data/moby-seccomp.toml` has its source and date.
"""

import json
import platform
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROFILE = Path(__file__).parent.parent / "data" / "moby-seccomp.json"
_NATIVE = {"x86_64": ("amd64", "SCMP_ARCH_X86_64"), "aarch64": ("arm64", "SCMP_ARCH_AARCH64")}
_RULE = ("names", "action", "errnoRet", "args")
_RELEASE = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions of moby's rules: the architecture (Go's name), the kernel, the capabilities."""

    architecture: str
    kernel: tuple[int, int]
    capabilities: frozenset[str]


def machine_conditions(capabilities: Collection[str]) -> Conditions:
    """Return this machine's conditions for a container with these bounding capabilities."""
    native, _ = _NATIVE.get(platform.machine(), (platform.machine(), ""))
    return Conditions(native, release(platform.release()), frozenset(capabilities))


@cache
def moby_profile() -> Mapping[str, Any]:
    """Return the profile."""
    return dict(json.loads(PROFILE.read_text(encoding="utf-8")))


def architectures(profile: Mapping[str, Any], machine: str = "") -> list[str]:
    """Return an architecture (uname's name; default: this machine's) and its sub-architectures.

    They are in libseccomp's names.
    """
    _, native = _NATIVE.get(machine or platform.machine(), ("", ""))
    for entry in profile["archMap"]:
        if entry["architecture"] == native:
            return [native, *(entry["subArchitectures"] or ())]
    return []


def rules_for(profile: Mapping[str, Any], conditions: Conditions) -> list[dict[str, Any]]:
    """Return the rules that apply, in the runtime specification's form and moby's order."""
    return [
        {key: rule[key] for key in _RULE if key in rule}
        for rule in profile["syscalls"]
        if _included(rule.get("includes") or {}, conditions)
        and not _excluded(rule.get("excludes") or {}, conditions)
    ]


def _included(asked: Mapping[str, Any], conditions: Conditions) -> bool:
    """Return whether all conditions of `includes` hold."""
    return (
        conditions.architecture in asked.get("arches", (conditions.architecture,))
        and conditions.capabilities.issuperset(asked.get("caps", ()))
        and conditions.kernel >= release(asked.get("minKernel", "0.0"))
    )


def _excluded(asked: Mapping[str, Any], conditions: Conditions) -> bool:
    """Return whether one of the conditions of `excludes` holds."""
    return (
        conditions.architecture in asked.get("arches", ())
        or not conditions.capabilities.isdisjoint(asked.get("caps", ()))
        or ("minKernel" in asked and conditions.kernel >= release(asked["minKernel"]))
    )


def release(text: str) -> tuple[int, int]:
    """Return the major and minor number of a kernel's release, (0, 0) if it has none."""
    found = _RELEASE.match(text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
