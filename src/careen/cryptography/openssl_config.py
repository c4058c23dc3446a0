"""What an OpenSSL configuration of the image says about providers and FIPS mode.

Sections, assignments and `.include` are read as config(5ssl) tells. A value with `$` is not
resolved, and makes the result unknown where it matters.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from careen.errors import ImageError
from careen.model.paths import ImagePath, image_path
from careen.oci.tree.rootfs import Rootfs

MAX_FILE = 1 << 20  # bytes of one file; Debian's has 12 kB
MAX_FILES = 32
MAX_LINES = 20_000  # of all files
_SECTION = re.compile(r"\[\s*([^\]\s]{1,200})\s*\]")
_INCLUDE = re.compile(r"\.include[ \t]{0,40}=?[ \t]{0,40}(\S.{0,3999})")
_YES = ("1", "yes", "true", "on")
_PROPERTY = re.compile(r"(?:^|,)\s*fips\s*=\s*yes\s*(?:,|$)")


@dataclass(slots=True)
class _Reading:
    """Sections that were read so far, in which files, and what could not be read."""

    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    files: list[ImagePath] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    lines: int = 0


@dataclass(frozen=True, slots=True)
class OpensslConfig:
    """The part of a configuration that decides about FIPS mode.

    `activated` are the providers that it activates, `fips` the section of the FIPS provider.
    `unknown` is why the rest is not known, or "".
    """

    path: str
    files: tuple[ImagePath, ...] = ()
    activated: frozenset[str] = frozenset()
    fips: Mapping[str, str] = field(default_factory=dict)
    only_fips: bool = False  # default_properties has fips=yes
    unknown: str = ""

    @property
    def wants_fips(self) -> bool:
        """Whether it activates the FIPS provider."""
        return "fips" in self.activated


def read_config(rootfs: Rootfs, path: str) -> OpensslConfig | None:
    """Return what a configuration says, None if the image has no file there."""
    reading = _Reading()
    if not path.startswith("/") or (top := _file(rootfs, path)) is None:
        return None
    try:
        _read(rootfs, top, reading)
    except ImageError as error:
        return OpensslConfig(path, unknown=str(error))
    return _decide(path, reading)


def _file(rootfs: Rootfs, path: str) -> ImagePath | None:
    try:
        entry = rootfs.find(posixpath.normpath(path))
    except ImageError:
        return None
    return entry.path if entry is not None and entry.is_file else None


def _read(rootfs: Rootfs, path: ImagePath, reading: _Reading) -> None:
    """Read a file and what it includes, at the place where it is included."""
    if path in reading.files or len(reading.files) >= MAX_FILES:
        return
    reading.files.append(path)
    section = "default"
    for line in lines_of(rootfs.read(path, MAX_FILE)):
        reading.lines += 1
        if reading.lines > MAX_LINES:
            msg = f"{path}: more than {MAX_LINES} lines of OpenSSL configuration"
            raise ImageError(msg)
        if match := _SECTION.fullmatch(line):
            section = match[1]
            reading.sections.setdefault(section, {})
        elif match := _INCLUDE.fullmatch(line):
            _include(rootfs, path, match[1].strip(), reading)
        elif "=" in line:
            name, _, value = line.partition("=")
            key = name.strip().rpartition("::")[2]
            reading.sections.setdefault(section, {})[key] = value.strip().strip("\"'")


def _include(rootfs: Rootfs, path: ImagePath, text: str, reading: _Reading) -> None:
    if "$" in text:
        reading.missing.append(f".include {text[:200]}")
        return
    place = text if text.startswith("/") else posixpath.join(posixpath.dirname(path), text)
    entry = rootfs.find(image_path(posixpath.normpath(place), "an .include"))
    if entry is not None and entry.is_dir:
        for child in rootfs.children(entry.path):
            if child.endswith((".cnf", ".conf")) and rootfs[child].is_file:
                _read(rootfs, child, reading)
    elif entry is not None and entry.is_file:
        _read(rootfs, entry.path, reading)
    else:
        reading.missing.append(f".include {text[:200]}")


def lines_of(data: bytes) -> Iterator[str]:
    """Yield the lines of a configuration without comments; a backslash joins two."""
    joined = data.decode("utf-8", "replace").replace("\\\r\n", "").replace("\\\n", "")
    for line in joined.splitlines():
        text = line.partition("#")[0].strip()
        if text:
            yield text


def _decide(path: str, reading: _Reading) -> OpensslConfig:
    top = reading.sections.get("default", {})
    init = reading.sections.get(top.get("openssl_conf", ""), {})
    providers = reading.sections.get(init.get("providers", ""), {})
    properties = reading.sections.get(init.get("alg_section", ""), {}).get("default_properties", "")
    activated: set[str] = set()
    fips: Mapping[str, str] = {}
    unknown = next((text for text in (*init.values(), *providers.values()) if "$" in text), "")
    for name, section in providers.items():
        values = reading.sections.get(section)
        if values is None:
            unknown = unknown or _absent(section, reading)
            continue
        if values.get("activate", "").lower() in _YES:
            identity = values.get("identity", name)
            activated.add(identity)
            fips = values if identity == "fips" else fips
    return OpensslConfig(
        path,
        tuple(reading.files),
        frozenset(activated),
        fips,
        bool(_PROPERTY.search(properties)),
        unknown,
    )


def _absent(section: str, reading: _Reading) -> str:
    missing = f" ({', '.join(reading.missing[:3])} is not in the image)" if reading.missing else ""
    return f"its section [{section[:100]}] is not there{missing}"
