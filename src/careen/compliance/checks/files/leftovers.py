"""What a build leaves behind: caches of package managers."""

from careen.compliance.check import Check, Decision, none_of
from careen.compliance.checks.files.evidence import shown
from careen.compliance.subject import Subject
from careen.model.entry import Entry

_CACHES = (
    *("/var/lib/apt/lists/", "/var/cache/apt/archives/", "/var/cache/apk/", "/etc/apk/cache/"),
    *("/var/cache/dnf/", "/var/cache/yum/", "/var/cache/zypp/", "/var/cache/libdnf5/"),
    *("/root/.cache/", "/root/.npm/_cacache/", "/opt/conda/pkgs/", "/root/.cargo/registry/"),
)
_LOCKS = frozenset({"lock", "partial", ".keep", "CACHEDIR.TAG"})


def _caches(subject: Subject) -> Decision:
    return none_of(
        (shown(entry) for entry in subject.rootfs if _is_cache(entry)),
        "{} files are in caches of package managers",
        f"none of {len(subject.rootfs)} paths is a file in a cache of a package manager",
    )


def _is_cache(entry: Entry) -> bool:
    if not entry.is_file or not entry.path.startswith(_CACHES):
        return False
    return entry.path.rpartition("/")[2] not in _LOCKS


CHECKS = (
    Check(
        id="no-package-caches",
        title="No cache of a package manager is in the image",
        reads="paths of all files",
        fix="Remove the cache in the step that fills it, or mount it (RUN --mount=type=cache).",
        command="find var/lib/apt/lists var/cache/apt/archives var/cache/apk root/.cache -type f",
        decide=_caches,
    ),
)
