"""Paths that a patch must leave as the original has them.

In patterns, `*` stands for any characters of one name, and `**` for any characters. A pattern
that ends with `/**` excludes the directory itself.
"""

import functools
import re

LEFTOVERS: tuple[tuple[str, str], ...] = (
    ("/proc/**", "mounted by the engine"),
    ("/sys/**", "mounted by the engine"),
    ("/dev/**", "mounted by the engine"),
    ("/proc", "mount point of the engine"),
    ("/sys", "mount point of the engine"),
    ("/dev", "mount point of the engine"),
    ("/.dockerenv", "the engine's mark"),
    ("/etc/hosts", "written by the engine"),
    ("/etc/hostname", "written by the engine"),
    ("/etc/resolv.conf", "written by the engine"),
    ("/etc/mtab", "made by the engine when it is missing"),
    ("/run", "state of what runs"),
    ("/run/**", "state of what runs"),
    ("/var/run/**", "state of what runs"),
    ("/tmp", "temporary files"),  # noqa: S108 — a path of the image
    ("/tmp/**", "temporary files"),  # noqa: S108 — a path of the image
    ("/var/tmp", "temporary files"),  # noqa: S108 — a path of the image
    ("/var/tmp/**", "temporary files"),  # noqa: S108 — a path of the image
    ("/root/.cache/**", "a user's caches: pip, uv, poetry, fontconfig"),
    ("/root/.cache", "a user's caches"),
    ("/home/*/.cache/**", "a user's caches"),
    ("/home/*/.cache", "a user's caches"),
    ("/root/.npm/**", "npm's cache and logs"),
    ("/root/.npm", "npm's cache and logs"),
    ("/home/*/.npm/**", "npm's cache and logs"),
    ("/root/.gnupg/**", "made by gpg when a signature is verified"),
    ("/root/.gnupg", "made by gpg when a signature is verified"),
    ("/root/.*_history", "what was typed"),
    ("/root/.wget-hsts", "where wget has been, and when"),
    ("/var/cache/apt/**", "apt's packages and its own index of them, with times"),
    ("/var/lib/apt/lists/**", "apt's lists of what is on offer"),
    ("/var/lib/apt/periodic/**", "when apt last ran"),
    ("/var/lib/apt/daily_lock", "a lock"),
    ("/var/lib/dpkg/*-old", "dpkg's copy of its database before the last change"),
    ("/var/lib/dpkg/lock", "a lock"),
    ("/var/lib/dpkg/lock-frontend", "a lock"),
    ("/var/lib/dpkg/triggers/Lock", "a lock"),
    ("/var/lib/dpkg/updates/**", "dpkg's journal, empty when it has ended well"),
    ("/var/cache/debconf/*-old", "debconf's copy of its database before the last change"),
    ("/var/cache/debconf/tmp.ci/**", "where apt unpacks packages' questions"),
    ("/var/cache/debconf/tmp.ci", "where apt unpacks packages' questions"),
    ("/var/lib/ucf/*.[0-9]", "ucf's copies of its database"),
    ("/var/backups/**", "copies of databases"),
    ("/usr/sbin/policy-rc.d", "keeps services from starting while packages are installed"),
    ("/var/cache/apk/**", "apk's packages and indexes"),
    ("/etc/apk/cache/**", "apk's packages and indexes"),
    ("/lib/apk/db/lock", "a lock"),
    ("/usr/lib/apk/db/lock", "a lock"),
    ("/var/cache/dnf/**", "dnf's packages and indexes"),
    ("/var/cache/libdnf5/**", "dnf's packages and indexes"),
    ("/var/cache/yum/**", "yum's packages and indexes"),
    ("/var/cache/zypp/**", "zypper's packages and indexes"),
    ("/var/cache/PackageKit/**", "packages and indexes"),
    ("/var/lib/rpm/rpmdb.sqlite-shm", "sqlite's shared memory, touched by a mere question"),
    (
        "/usr/lib/sysimage/rpm/rpmdb.sqlite-shm",
        "sqlite's shared memory, touched by a mere question",
    ),
    ("/var/lib/dnf/history.sqlite*", "dnf's log of what was done when"),
    ("/var/lib/dnf/repos/**", "dnf's record of when it asked"),
    ("/usr/lib/sysimage/libdnf5/transaction_history.sqlite*", "dnf's log of what was done when"),
    ("/var/lib/yum/history/**", "yum's log of what was done when"),
    ("/var/lib/zypp/AnonymousUniqueId", "a random number"),
    ("/var/lib/rpm/.*.lock", "a lock"),
    ("/var/lib/rpm/__db.*", "shared memory of rpm's database"),
    ("/usr/lib/sysimage/rpm/.*.lock", "a lock"),
    ("/var/log/**", "logs"),
    (
        "/var/cache/ldconfig/aux-cache",
        "ldconfig's notes on inodes and times; /etc/ld.so.cache is what counts",
    ),
    ("/var/cache/fontconfig/**", "made again when it is needed; it holds times"),
    ("/var/cache/man/**", "made again when it is needed"),
    ("/etc/passwd-", "a copy of the file before the last change"),
    ("/etc/group-", "a copy of the file before the last change"),
    ("/etc/shadow-", "a copy of the file before the last change"),
    ("/etc/gshadow-", "a copy of the file before the last change"),
    ("/etc/subuid-", "a copy of the file before the last change"),
    ("/etc/subgid-", "a copy of the file before the last change"),
    ("/etc/.pwd.lock", "a lock"),
    ("/etc/machine-id", "a random number, which every container of the image would share"),
    ("/var/lib/dbus/machine-id", "a random number, which every container of the image would share"),
    ("/etc/ssh/ssh_host_*", "a random key, which every container of the image would share"),
    ("/var/lib/systemd/random-seed", "a random number"),
)

LOGS = "/var/log/"
_MANAGERS_OWN = ("/var/log/apt",)
"""Log directories that are dropped.

Others may be needed by new packages, with an owner of their own.
"""


@functools.cache
def _known() -> re.Pattern[str]:
    words = {r"\*\*": ".*", r"\*": "[^/]*", r"\[0\-9\]": "[0-9]"}
    out = []
    for pattern, _ in LEFTOVERS:
        text = re.escape(pattern)
        for glob, meaning in words.items():
            text = text.replace(glob, meaning)
        out.append(text)
    return re.compile("|".join(f"(?:{each})" for each in out), re.DOTALL)


def is_leftover(path: str, *, is_directory: bool) -> bool:
    """Return whether a path must be as the original has it."""
    if _known().fullmatch(path) is None:
        return False
    return not (is_directory and path.startswith(LOGS) and path not in _MANAGERS_OWN)
