"""The system calls that a container of the embedded engine is refused.

Docker allows a list of calls; this is a list of refusals with the same outcome for what programs notice (io_uring is refused, `clone3` does not exist, no
namespaces are made) and for what an unprivileged container must not reach. It names no call that Docker lets through to a container without extra rights.
"""

import platform
import socket
from typing import Any

_EPERM, _ENOSYS = 1, 38
_NAMESPACES = (0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)  # NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET
_NEW_MOUNTS = 0x00020000
_ARCHITECTURES = {
    "x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    "aarch64": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
}

_REFUSED = (
    # io_uring: also a blind spot of any sensor
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    # kernel code, boot, power
    *("bpf", "init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms", "kexec_load", "kexec_file_load", "reboot"),
    # keys, tracing, other processes' memory
    *("add_key", "keyctl", "request_key", "perf_event_open", "kcmp", "lookup_dcookie", "userfaultfd"),
    # file systems and namespaces
    *("mount", "umount", "umount2", "pivot_root", "fsopen", "fsmount", "fsconfig", "fspick", "move_mount", "open_tree", "mount_setattr"),
    *("unshare", "setns", "open_by_handle_at", "quotactl", "quotactl_fd", "swapon", "swapoff", "fanotify_init"),
    # clocks, hardware, accounting, relics
    *("clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64", "settimeofday", "stime", "acct", "iopl", "ioperm", "vm86", "vm86old"),
    *("syslog", "sethostname", "setdomainname", "vhangup", "nfsservctl", "sysfs", "_sysctl", "uselib", "ustat", "move_pages", "mbind", "set_mempolicy"),
)


def seccomp() -> dict[str, Any]:
    """Return `linux.seccomp` of the runtime specification."""
    rules: list[dict[str, Any]] = [
        {"names": list(_REFUSED), "action": "SCMP_ACT_ERRNO", "errnoRet": _EPERM},
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS},
        # It leads to the hypervisor: no network namespace holds it.
        {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": _EPERM, "args": [{"index": 0, "value": socket.AF_VSOCK, "op": "SCMP_CMP_EQ"}]},
    ]
    rules += [
        {
            "names": ["clone"],
            "action": "SCMP_ACT_ERRNO",
            "errnoRet": _EPERM,
            "args": [{"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}],
        }
        for flag in (*_NAMESPACES, _NEW_MOUNTS)
    ]
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": _ARCHITECTURES.get(platform.machine(), []), "syscalls": rules}
