"""Lists of vendored distributions and version constants in Python projects.

Nothing is ever executed.
"""

import ast
import re
from collections.abc import Mapping

from packaging.version import InvalidVersion, Version

from careen.formats.identity import is_plain

MAX_LIST = 1 << 20
MAX_MODULE = 1 << 20
VENDOR_LISTS = frozenset({"vendor.txt", "vendored.txt", "vendors.txt", "patched.txt"})
VENDOR_DIRECTORIES = frozenset(
    {
        "_vendor",
        "vendor",
        "vendored",
        "_vendored",
        "_vendored_packages",
        "vendors",
        "extern",
        "externals",
        "third_party",
        "_third_party",
    }
)
PACKAGES_OF = frozenset({"requests", "urllib3"})  # their `packages` directory is a vendor directory
VERSION_FILES = (
    "__init__.py",
    "_version.py",
    "version.py",
    "__about__.py",
    "__version__.py",
    "package_data.py",
)
_MAX_LISTED = 10_000
_MAX_LINE = 300
_PINNED = re.compile(
    r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[^\]]*\])?\s*===?\s*([^\s#;,]+)"
)
_CONSTANT = re.compile(
    r"(__version__|VERSION|version)(?: ?: ?\w{1,40})? ?= ?(?:\w{1,40} ?="
    r" ?){0,3}(\"[^\"\\]{1,64}\"|'[^'\\]{1,64}'|\([0-9, ]{1,40}\))"
)

_MODULES = {
    "setuptools": "pkg_resources",
    "pyyaml": "yaml",
    "python-dateutil": "dateutil",
    "attrs": "attr",
    "beautifulsoup4": "bs4",
    "pyjwt": "jwt",
}
"""Distributions, among those that projects vendor, whose module has another name."""
_DISTRIBUTIONS = {module: name for name, module in _MODULES.items()}
_SEVERAL: Mapping[str, tuple[str, ...]] = {
    "setuptools": ("setuptools", "pkg_resources", "_distutils_hack")
}
"""Distributions of which projects vendor a part, with all their top-level modules."""


def read_vendor_list(data: bytes) -> dict[str, str]:
    """Return name → version of the pinned lines (`name==1.0`), names as written."""
    out: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines()[:_MAX_LISTED]:
        match = _PINNED.match(line[:_MAX_LINE])
        if match is not None and is_plain(match.group(2)):
            out.setdefault(match.group(1), match.group(2))
    return out


def version_constant(data: bytes) -> str:
    """Return a module's `__version__`, else its `VERSION` or `version`; "" without one.

    The value must be a literal on a line of its own.
    """
    # Matched as text: parsing a hostile module can overflow the interpreter's stack and end the
    # process.
    found: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").split("\n"):
        match = _CONSTANT.match(line[:_MAX_LINE]) if line[:1] in "_Vv" else None
        if match is not None:
            found.setdefault(match.group(1), _literal(match.group(2)))
    return next(
        (found[name] for name in ("__version__", "VERSION", "version") if found.get(name)), ""
    )


def _literal(text: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return ""
    version = (
        value
        if isinstance(value, str)
        else ".".join(str(part) for part in value)
        if isinstance(value, tuple)
        else ""
    )
    return version if is_plain(version) and version[:1].isdigit() else ""


def same_version(one: str, other: str) -> bool:
    """Return whether two versions are equal by PEP 440, as `2023.5.7` and `2023.05.07` are."""
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def module_path(distribution: str) -> str:
    """Return the path of a vendored distribution's module, in lower case, without `.py`.

    Examples: `jaraco/text`, `typing_extensions`.
    """
    folded = distribution.lower()
    return _MODULES.get(folded, folded.replace("-", "_")).replace(".", "/")


def module_paths(distribution: str) -> tuple[str, ...]:
    """Return the paths of all modules by which a vendored distribution is known (`module_path`)."""
    return _SEVERAL.get(distribution.lower(), (module_path(distribution),))


def distribution_of(module: str) -> str:
    """Return the most likely distribution of a vendored module."""
    return _DISTRIBUTIONS.get(module, module)


def is_vendor_directory(path: str) -> bool:
    """Return whether projects use this directory name for vendored code."""
    head, _, name = path.rpartition("/")
    return name in VENDOR_DIRECTORIES or (
        name == "packages" and head.rpartition("/")[2] in PACKAGES_OF
    )
