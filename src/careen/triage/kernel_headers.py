"""Headers of the Linux kernel: a kernel's vulnerabilities are matched with them by their source
package, and nothing of a kernel runs from them.
"""

from careen.model.package import Package
from careen.model.paths import ImagePath
from careen.triage.roles import code_of
from careen.triage.tiers import SYSTEM

_MARKS = (
    "/include/linux/version.h",
    "/include/linux/kernel.h",
    "/include/generated/uapi/linux/version.h",
)
"""Headers that the kernel alone has; `linux/kernel.h` and the generated one are in the trees that
modules are built against.
"""


def is_kernel_headers(package: Package) -> bool:
    """Say whether a distribution's package is headers of the kernel and nothing else.

    Its files decide: each is a header, or part of a source tree, and a header that only the kernel
    has is among them. A package of which no file but documentation is known (an SBOM's, one that
    only depends on others) is told by its name.
    """
    if package.ecosystem not in SYSTEM:
        return False
    files = code_of(package)
    if not files:
        return _named_so(package.name)
    return any(path.endswith(_MARKS) or "/uapi/linux/" in path for path in files) and all(
        _is_source(path) for path in files
    )


def _is_source(path: ImagePath) -> bool:
    if path.startswith("/usr/src/"):
        return True
    if path.startswith(("/lib/modules/", "/usr/lib/modules/")):  # links to the source tree
        return path.endswith(("/build", "/source"))
    return path.endswith(".h") or "/linux/uapi/" in path


def _named_so(name: str) -> bool:
    if name in ("linux-libc-dev", "linux-glibc-devel"):
        return True
    if not name.startswith(("linux-", "kernel-")):
        return False
    return name.startswith("linux-libc-dev-") or "headers" in name.split("-")
