"""Selection of the best usable sensor on this machine, and what the others lack."""

import errno
import os
import platform
import re
from collections.abc import Callable
from pathlib import Path

from careen.errors import ToolError
from careen.model.runs.trace import SensorKind
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.fanotify import FanotifySensor
from careen.sensor.helper import Helper, HelperError, helper_path
from careen.sensor.port import Probe, Sensor

MIN_KERNEL = (5, 17)  # in-kernel CO-RE of light skeletons
CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF = 19, 21, 38, 39
BTF = Path("/sys/kernel/btf/vmlinux")
# Helpers that stay loaded: one for the container, one for containers that its tests start. Each
# takes up to 150 MiB of kernel memory.
KEPT = 2


def kernel_version(release: str) -> tuple[int, int]:
    """Return (6, 1) for `6.1.0-13-amd64`; (0, 0) if the release cannot be parsed."""
    match = re.match(r"(\d+)\.(\d+)", release)
    return (int(match.group(1)), int(match.group(2))) if match else (0, 0)


def effective_capabilities(status: str) -> int:
    """Return the CapEff mask of a /proc/PID/status text."""
    match = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return int(match.group(1), 16) if match else 0


def has(mask: int, capability: int) -> bool:
    """Return whether the capability's bit is set."""
    return bool(mask >> capability & 1)


def may_attach() -> bool:
    """Return whether this process may look at containers of other users."""
    return has(effective_capabilities(Path("/proc/self/status").read_text()), CAP_SYS_PTRACE)


Lack = tuple[str, str]


def _no_helper(machine: str) -> Lack:
    return (
        f"compiled sensor: {helper_path()} is not there",
        f"install a wheel built for {machine}, or run scripts/programs.py in a source tree",
    )


def ebpf_lacks(
    *, release: str, btf: bool, capabilities: int, helper: bool, machine: str
) -> list[Lack]:
    """Return what is missing and how to get it, as far as that is known without loading."""
    lacks: list[Lack] = []
    if not helper:
        lacks.append(_no_helper(machine))
    if kernel_version(release) < MIN_KERNEL:
        lacks.append(
            (
                f"kernel: {release} is older than {MIN_KERNEL[0]}.{MIN_KERNEL[1]}",
                "run on a newer kernel",
            )
        )
    if not btf:
        lacks.append(
            (
                "BTF: /sys/kernel/btf/vmlinux is not there",
                (
                    "use a kernel built with CONFIG_DEBUG_INFO_BTF=y (all current distribution"
                    " kernels)"
                ),
            )
        )
    if not has(capabilities, CAP_SYS_ADMIN):
        absent = [
            name
            for name, bit in (("CAP_BPF", CAP_BPF), ("CAP_PERFMON", CAP_PERFMON))
            if not has(capabilities, bit)
        ]
        if absent:
            lacks.append(
                (
                    f"capability: {' and '.join(absent)}",
                    "run as root, or give this user both (docs/privileges.md)",
                )
            )
    return lacks


def _refusal(error: HelperError) -> Lack:
    """Return the meaning of the kernel's refusal if version, BTF and capabilities suffice."""
    if error.errno in (errno.EPERM, errno.EACCES):
        return (
            (
                "container limit: bpf() is refused though the capabilities are there (seccomp"
                " profile, kernel lockdown or a security module)"
            ),
            (
                "allow the bpf system call in the seccomp profile, or run on the host; see"
                " /sys/kernel/security/lockdown"
            ),
        )
    if error.errno == errno.ENOSYS:
        return (
            "kernel: it has no bpf() system call",
            "use a kernel built with CONFIG_BPF_SYSCALL=y",
        )
    if error.errno == errno.ENOMEM:
        return (
            "memory: the maps need about 150 MiB of kernel memory",
            "raise the memory limit of this container or machine",
        )
    return (f"load: {error}", "report this with the output of `careen doctor`")


def probe_ebpf(sensor: EbpfSensor | None = None) -> Probe:
    """Check the requirements, then load and attach the programs once.

    This takes a fraction of a second; `sensor` reuses what was loaded.
    """
    status = Path("/proc/self/status").read_text()
    lacks = ebpf_lacks(
        release=platform.release(),
        btf=BTF.exists(),
        capabilities=effective_capabilities(status),
        helper=os.access(helper_path(), os.X_OK),
        machine=platform.machine(),
    )
    if not lacks:
        try:
            (sensor or EbpfSensor()).load()
        except HelperError as error:
            lacks.append(_refusal(error))
    return Probe(
        SensorKind.EBPF, not lacks, tuple(what for what, _ in lacks), tuple(how for _, how in lacks)
    )


def probe_fanotify() -> Probe:
    """Check the fallback by opening a queue as the sensor does."""
    lacks: list[Lack] = []
    if not os.access(helper_path(), os.X_OK):
        lacks.append(_no_helper(platform.machine()))
    elif not has(effective_capabilities(Path("/proc/self/status").read_text()), CAP_SYS_ADMIN):
        lacks.append(("capability: CAP_SYS_ADMIN", "run as root"))
    else:
        try:
            Helper(("fanotify", "{output}", "")).close()
        except HelperError as error:
            lacks.append(
                (
                    f"kernel: {error}",
                    (
                        "use a kernel built with CONFIG_FANOTIFY=y, or allow fanotify_init in the"
                        " seccomp profile"
                    ),
                )
            )
    return Probe(
        SensorKind.FANOTIFY,
        not lacks,
        tuple(what for what, _ in lacks),
        tuple(how for _, how in lacks),
    )


def available() -> tuple[Probe, ...]:
    """Return a probe of every sensor, best first."""
    return (probe_ebpf(), probe_fanotify())


def choose(kind: SensorKind | None) -> Sensor:
    """Return the sensor of this kind, or the best usable one.

    Raises ToolError that says what is missing and how to get it.
    """
    ebpf = EbpfSensor(keep=KEPT)
    ways: tuple[tuple[Sensor, Callable[[], Probe]], ...] = (
        (ebpf, lambda: probe_ebpf(ebpf)),
        (FanotifySensor(), probe_fanotify),
    )
    probes: list[Probe] = []
    for sensor, probe in ways:
        if kind is None or sensor.kind is kind:
            probes.append(probe())
            if probes[-1].usable:
                return sensor
    reasons = "; ".join(
        f"{probe.kind.value}: {what} ({how})"
        for probe in probes
        for what, how in zip(probe.missing, probe.remedy, strict=True)
    )
    msg = f"no sensor can be used here: {reasons or 'unknown kind'}"
    raise ToolError(msg)
