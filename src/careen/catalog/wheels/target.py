"""The Python of a root, for which wheels are chosen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careen.errors import InputError
from careen.model.packages.package import Inventory
from careen.oci.tree.rootfs import Rootfs

PYTHON = "/usr/bin/python3"
_PYTHONS = ("/usr/local/bin/python3", PYTHON)  # upstream images compile one into /usr/local
ENVIRONMENT = "/usr/local/pyvenv.cfg"
_NAME = re.compile(r"/usr/(local/)?bin/python3\.([0-9]{1,3})")
_GLIBC = re.compile(r"2\.([0-9]{1,3})(?:[^0-9].*)?")
_OLDEST_GLIBC = 5
_WITH_WHEELS = ("debian", "ubuntu")
_SHOWN = 60
_OLDER = ("manylinux2014", "manylinux2010", "manylinux1", "linux")


@dataclass(frozen=True, slots=True)
class Target:
    """A minor version of CPython 3, a minor version of glibc 2, and the processor's name.

    `environment`: /usr/local is a place of its own for packages: a virtual environment of this
    Python (pyvenv.cfg), or where it was compiled to.
    """

    minor: int
    glibc: int
    machine: str
    environment: bool = False

    @property
    def version(self) -> str:
        return f"3.{self.minor}"

    @property
    def site(self) -> str:
        """The directory that wheels go to: the environment's, else that of Debian's Python for
        what is not the distribution's.
        """
        name = "site-packages" if self.environment else "dist-packages"
        return f"/usr/local/lib/python{self.version}/{name}"

    @property
    def interpreter(self) -> str:
        """The program that wheels' scripts start: only the environment's own sees what is in it."""
        return "/usr/local/bin/python3" if self.environment else PYTHON

    @property
    def abis(self) -> tuple[str, ...]:
        return (f"cp3{self.minor}", "abi3", "none")

    def schemes(self) -> dict[str, str]:
        """Return the directories of what wheels hold, by the names that wheels give them."""
        return {
            "purelib": self.site,
            "platlib": self.site,
            "scripts": "/usr/local/bin",
            "data": "/usr/local",
            "headers": f"/usr/local/include/python{self.version}",
        }

    def platforms(self) -> Iterator[str]:
        """Yield the tags of platforms that run here, the newest first."""
        for minor in range(self.glibc, _OLDEST_GLIBC - 1, -1):
            yield f"manylinux_2_{minor}_{self.machine}"
        for name in _OLDER:
            yield f"{name}_{self.machine}"

    def markers(self) -> dict[str, str]:
        """Return what markers of requirements ask of this Python (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.version}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.version}.0",
            "python_version": self.version,
            "sys_platform": "linux",
        }


def target_of(
    rootfs: Rootfs, inventory: Inventory, machine: str, *, environment: bool = False
) -> Target:
    """Return the Python of a root. Raises InputError for a root without one, or without glibc."""
    found = (final for path in _PYTHONS if (final := rootfs.walk(path).final) is not None)
    named = next((match for each in found if (match := _NAME.fullmatch(each.path))), None)
    if named is None:
        msg = (
            f"pip: the root has no {PYTHON} and no {_PYTHONS[0]}; name python3 among the packages"
            " of the entry"
        )
        raise InputError(msg)
    versions = (x.version for x in inventory.packages.values() if x.name == "libc6")
    libc = next((match for each in versions if (match := _GLIBC.match(each))), None)
    here = inventory.distribution
    if here is not None and here.id not in _WITH_WHEELS:
        msg = (
            f"pip: the root is of {here.id[:_SHOWN]}, and wheels are installed on Debian and Ubuntu"
            " alone; build the entry on one of them"
        )
        raise InputError(msg)
    if libc is None:
        msg = "pip: the root has no glibc of a known version, so no wheel can be chosen for it"
        raise InputError(msg)
    return Target(int(named[2]), int(libc[1]), machine, environment or named[1] is not None)
