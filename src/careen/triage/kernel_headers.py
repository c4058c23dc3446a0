"""Recognition of packages with headers of the Linux kernel.

The kernel's vulnerabilities match them by source package, but no kernel code runs from them.
"""

from careen.model.packages.package import Package
from careen.model.paths import ImagePath
from careen.triage.roles import code_of
from careen.triage.tiers import SYSTEM

_MARKS = (
    "/include/linux/version.h",
    "/include/linux/kernel.h",
    "/include/generated/uapi/linux/version.h",
)
"""Headers that only the kernel has, also in the trees that modules are built against."""


def is_kernel_headers(package: Package) -> bool:
    """Return whether a distribution package holds nothing but kernel headers.

    Its files decide: all are headers or parts of a source tree, and at least one is the kernel's
    only. Without known code files (from an SBOM, or a metapackage) its name decides.
    """
    if package.ecosystem not in SYSTEM:
        return False
    files = code_of(package)
    if not files:
        return _named_like_headers(package.name)
    return any(path.endswith(_MARKS) or "/uapi/linux/" in path for path in files) and all(
        _is_source(path) for path in files
    )


def _is_source(path: ImagePath) -> bool:
    if path.startswith("/usr/src/"):
        return True
    if path.startswith(("/lib/modules/", "/usr/lib/modules/")):  # links to the source tree
        return path.endswith(("/build", "/source"))
    return path.endswith(".h") or "/linux/uapi/" in path


def _named_like_headers(name: str) -> bool:
    if name in ("linux-libc-dev", "linux-glibc-devel"):
        return True
    if not name.startswith(("linux-", "kernel-")):
        return False
    return name.startswith("linux-libc-dev-") or "headers" in name.split("-")
