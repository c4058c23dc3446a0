"""What a build leaves in a root and no image keeps: lists, caches, logs, marks of the machine."""

from careen.catalog.globs import matches

_JUNK = (
    *(
        "/var/lib/apt/lists/*",
        "/var/cache/apt/*.bin",
        "/var/cache/apt/archives/*",
        "/var/cache/debconf/*-old",
        "/var/cache/ldconfig/**",
    ),
    *("/var/lib/dpkg/*-old", "/var/lib/dpkg/lock*", "/var/lib/dpkg/triggers/Lock"),
    *("/var/cache/apk/*", "/lib/apk/db/lock", "/usr/lib/apk/db/lock"),
    *("/var/cache/dnf/**", "/var/lib/dnf/**", "/**/.rpm.lock", "/**/rpmdb.sqlite-*"),
    *("/var/log/*.log", "/var/log/apt/*", "/var/log/btmp", "/var/log/wtmp", "/var/log/lastlog"),
    *("/etc/apt/apt.conf.d/99mmdebstrap", "/etc/apt/preferences.d/careen", "/etc/apt/sources.list"),
    *("/etc/apt/sources.list.d/*", "/etc/hostname", "/etc/resolv.conf", "/etc/machine-id"),
    *("/var/lib/dbus/machine-id", "/etc/.pwd.lock", "/etc/passwd-", "/etc/group-"),
    *("/etc/shadow-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-", "/dev/*", "/proc/*"),
    *("/sys/*", "/run/*", "/tmp/*", "/var/tmp/*", "/var/lib/systemd/catalog/database"),  # noqa: S108 — of the image
    "/usr/sbin/start-stop-daemon.REAL",  # mmdebstrap's copy, while nothing may start
)


def is_junk(path: str) -> bool:
    """Return whether no image keeps a path."""
    return matches(_JUNK, path)
