"""config.json of the OCI runtime specification for a container, with docker's defaults."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from careen.engines.bounds import OOM_SCORE, SHARES, default_memory, most_processes
from careen.engines.cgroups import accounts_swap, cgroup_path, has_controller, is_unified
from careen.engines.embedded.accounts import Identity
from careen.engines.embedded.cdi import NO_EDITS, Edits
from careen.engines.embedded.seccomp import seccomp
from careen.errors import InputError

CAPABILITIES = [
    f"CAP_{name}"
    for name in (
        *("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID"),
        *("SETUID", "SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"),
    )
]
"""Docker's default capabilities."""

_MASKED = (
    *(
        "/proc/asound",
        "/proc/acpi",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/timer_list",
        "/proc/timer_stats",
    ),
    *("/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"),
)
_READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
_TMPFS_DEFAULTS = (("noexec", "exec"), ("nosuid", "suid"), ("nodev", "dev"))


@dataclass(frozen=True, slots=True)
class Process:
    """The process to run: argument vector, variables, directory, user and rights.

    `capabilities` are the bounding set, which root has; no other user has one.
    """

    argv: tuple[str, ...]
    environment: tuple[str, ...]
    directory: str
    identity: Identity
    capabilities: tuple[str, ...] = tuple(CAPABILITIES)
    no_new_privileges: bool = False

    def document(self) -> dict[str, Any]:
        """Return the specification's `process` object.

        As in docker, users other than root get capabilities only through execve.
        """
        held = list(self.capabilities) if self.identity.uid == 0 else []
        return {
            "terminal": False,
            "user": {
                "uid": self.identity.uid,
                "gid": self.identity.gid,
                "additionalGids": list(self.identity.groups),
            },
            "args": list(self.argv),
            "env": list(self.environment),
            "cwd": self.directory,
            "capabilities": {
                "bounding": list(self.capabilities),
                "effective": held,
                "permitted": held,
                "inheritable": [],
                "ambient": [],
            },
            "noNewPrivileges": self.no_new_privileges,
            "oomScoreAdj": OOM_SCORE,
        }


@dataclass(frozen=True, slots=True)
class Container:
    """The other settings of a container.

    `mounts` are volumes and files in the specification's form, `tmpfs` docker's words. `shm_bytes`
    is the size of /dev/shm. `memory` is the control group's limit in bytes; swap of the same size
    is added, as in docker. `network` is the path of its network namespace, None for this machine's.
    `architecture` is the image's in Go's terms. `edits` are of CDI devices. `seccomp` is a profile
    in place of the engine's own. `yields` is as in `RunOptions`.
    """

    container_id: str
    rootfs: str
    network: str | None
    mounts: tuple[dict[str, Any], ...]
    tmpfs: tuple[str, ...]
    shm_bytes: int
    read_only: bool
    memory: int | None = None
    architecture: str = ""
    edits: Edits = NO_EDITS
    seccomp: Mapping[str, Any] | None = None
    yields: bool = False

    @property
    def hostname(self) -> str:
        return self.container_id[:12]


def _mount(destination: str, kind: str, *options: str) -> dict[str, Any]:
    return {"destination": destination, "type": kind, "source": kind, "options": list(options)}


def _tmpfs(text: str) -> dict[str, Any]:
    """Parse `PATH[:OPTIONS]`; docker's noexec, nosuid and nodev are defaults."""
    path, _, words = text.partition(":")
    path = posixpath.normpath(path)
    if not path.startswith("/") or path.strip("/") == "":
        msg = f"--tmpfs {text!r}: the path must be absolute and not the root"
        raise InputError(msg)
    options = [word for word in words.split(",") if word]
    defaults = [
        given
        for given, opposite in _TMPFS_DEFAULTS
        if opposite not in options and given not in options
    ]
    return _mount(path, "tmpfs", *defaults, "rprivate", *options)


def _mounts(container: Container) -> list[dict[str, Any]]:
    private = ("nosuid", "noexec", "nodev")
    own = [
        _mount("/proc", "proc", *private),
        _mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        _mount(
            "/dev/pts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5",
        ),
        _mount("/sys", "sysfs", *private, "ro"),
        _mount("/sys/fs/cgroup", "cgroup", *private, "ro"),
        _mount("/dev/mqueue", "mqueue", *private),
        # the container's own
        _mount("/dev/shm", "tmpfs", *private, "mode=1777", f"size={container.shm_bytes}"),  # noqa: S108
    ]
    asked = [
        *container.mounts,
        *(_tmpfs(text) for text in container.tmpfs),
        *(dict(mount) for mount in container.edits.mounts),
    ]
    over = {mount["destination"] for mount in asked}
    # Mount a path after the paths above it.
    return [
        *(mount for mount in own if mount["destination"] not in over),
        *sorted(asked, key=lambda mount: str(mount["destination"]).count("/")),
    ]


def _resources(container: Container) -> dict[str, Any]:
    memory = container.memory
    resources: dict[str, Any] = {
        "devices": [{"allow": False, "access": "rwm"}, *container.edits.rules]
    }
    if memory is not None:
        resources["memory"] = {"limit": memory, **({"swap": 2 * memory} if accounts_swap() else {})}
    elif (ceiling := default_memory()) is not None:
        resources["memory"] = {"limit": ceiling}
    if (processes := most_processes()) is not None:
        resources["pids"] = {"limit": processes}
    if container.yields and has_controller("cpu"):
        resources["cpu"] = {"shares": SHARES}
    return resources


def runtime_spec(container: Container, process: Process) -> dict[str, Any]:
    """Return config.json.

    The container has its own namespaces of all kinds except user. Its network namespace, if any,
    must exist already.
    """
    namespaces: list[dict[str, str]] = [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]
    if container.network is not None:
        namespaces.append({"type": "network", "path": container.network})
    if is_unified():
        namespaces.append({"type": "cgroup"})
    return {
        "ociVersion": "1.0.2",
        "process": process.document(),
        "root": {"path": container.rootfs, "readonly": container.read_only},
        "hostname": container.hostname,
        "mounts": _mounts(container),
        **({"hooks": dict(container.edits.hooks)} if container.edits.hooks else {}),
        "linux": {
            "devices": list(container.edits.devices),
            "cgroupsPath": cgroup_path(container.container_id),
            "resources": _resources(container),
            "namespaces": namespaces,
            "maskedPaths": list(_MASKED),
            "readonlyPaths": list(_READ_ONLY),
            # Do not change the settings of this machine's own network.
            "sysctl": {
                "net.ipv4.ip_unprivileged_port_start": "0",
                "net.ipv4.ping_group_range": "0 2147483647",
            }
            if container.network is not None
            else {},
            "seccomp": container.seccomp
            if container.seccomp is not None
            else seccomp(CAPABILITIES, container.architecture),
        },
    }
