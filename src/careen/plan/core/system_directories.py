"""Directories that many packages share, never one application's tree (hier(7), FHS 3.0)."""

from careen.model.paths import ImagePath

_TOP = (
    "bin",
    "boot",
    "dev",
    "etc",
    "home",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "media",
    "mnt",
    "opt",
    "proc",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
)
_USR = (
    "bin",
    "etc",
    "games",
    "include",
    "lib",
    "lib32",
    "lib64",
    "libexec",
    "libx32",
    "local",
    "sbin",
    "share",
    "src",
)
_VAR = ("backups", "cache", "lib", "local", "lock", "log", "mail", "opt", "run", "spool", "tmp")
_SHARE = ("applications", "doc", "icons", "info", "java", "locale", "man", "misc", "pixmaps")

SHARED: frozenset[str] = frozenset(
    ["/"]
    + [f"/{item}" for item in _TOP]
    + [f"/usr/{item}" for item in _USR]
    + [f"/usr/local/{item}" for item in _USR]
    + [f"{base}/share/{item}" for base in ("/usr", "/usr/local") for item in _SHARE]
    + [f"/var/{item}" for item in _VAR]
    + [
        "/etc/opt",
        "/etc/ssl",
        "/etc/default",
        "/etc/init.d",
        "/etc/profile.d",
        "/usr/lib/locale",
        "/usr/lib/systemd",
    ]
)


def is_shared(directory: ImagePath) -> bool:
    """Return whether a directory is shared by convention.

    Multi-architecture library directories are shared too.
    """
    if directory in SHARED:
        return True
    above, _, last = directory.rpartition("/")
    return (
        above in ("/lib", "/usr/lib", "/usr/local/lib") and last.count("-") == 2 and "linux" in last  # noqa: PLR2004
    )
