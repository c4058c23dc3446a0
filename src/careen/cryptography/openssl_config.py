"""What an OpenSSL configuration of the image says about providers and FIPS mode.

Sections, assignments and `.include` are read as OpenSSL 3 does. What it would drop, or read from
another place than the image's files, makes the result unknown.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from careen.cryptography.openssl_text import Assignment, Heading, Include, statements
from careen.errors import ImageError
from careen.model.paths import ImagePath, image_path
from careen.oci.tree.rootfs import Rootfs

MAX_FILE = 1 << 20  # bytes of one file; Debian's has 12 kB
MAX_FILES = 32
MAX_LINES = 20_000  # of all files
_YES = ("1", "yes", "YES", "true", "TRUE", "on", "ON")
_PROPERTY = re.compile(r"(?:^|,)\s*fips\s*=\s*yes\s*(?:,|$)")
_VARIABLE = re.compile(
    r"\$(?:\{(\w*+(?:::\w*+)?)\}|\((\w*+(?:::\w*+)?)\)|(\w*+(?:::\w*+)?))", re.ASCII
)


@dataclass(slots=True)
class _Reading:
    """Sections that were read so far, in which files, and what could not be read."""

    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    section: str = "default"
    files: list[ImagePath] = field(default_factory=list)
    open: list[ImagePath] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    lines: int = 0

    def assign(self, path: ImagePath, line: Assignment) -> None:
        """Set a name. Raises ImageError for a variable that is not set: OpenSSL drops the file."""
        section = line.section or self.section
        for match in _VARIABLE.finditer(line.value):
            where, _, name = (match[1] or match[2] or match[3] or "").rpartition("::")
            # `$ENV::NAME` is one of the program's, which this does not find either.
            if not any(
                name in self.sections.get(each, {}) for each in (where or section, "default")
            ):
                msg = f"{path}: {line.name[:200]}: a variable that careen does not know"
                raise ImageError(msg)
        self.sections.setdefault(section, {})[line.name] = line.value


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
    if not path.startswith("/"):
        return OpensslConfig(path, unknown="a relative path, which the working directory decides")
    if (top := _file(rootfs, path)) is None:
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
    if path in reading.open or len(reading.files) >= MAX_FILES:
        why = "it includes itself" if path in reading.open else f"more than {MAX_FILES} files"
        msg = f"{path}: {why}"
        raise ImageError(msg)
    reading.files.append(path)
    reading.open.append(path)
    data = rootfs.read(path, MAX_FILE)
    # Lines that are comments alone cost time, too.
    reading.lines += data.count(b"\n")
    if reading.lines > MAX_LINES:
        msg = f"{path}: more than {MAX_LINES} lines of OpenSSL configuration"
        raise ImageError(msg)
    for line in statements(data):
        if isinstance(line, Heading):
            reading.section = line.section
            reading.sections.setdefault(line.section, {})
        elif isinstance(line, Include):
            _include(rootfs, line.path, reading)
        else:
            reading.assign(path, line)
    reading.open.pop()


def _include(rootfs: Rootfs, text: str, reading: _Reading) -> None:
    """Read an included file or directory into the current section, as OpenSSL does."""
    if not text.startswith("/") or "$" in text:
        msg = f".include {text[:200]}: a path that the image's files alone do not decide"
        raise ImageError(msg)
    entry = rootfs.find(image_path(posixpath.normpath(text), "an .include"))
    if entry is not None and entry.is_dir:
        for child in rootfs.children(entry.path):
            if child.lower().endswith((".cnf", ".conf")) and (found := _file(rootfs, child)):
                _read(rootfs, found, reading)
    elif entry is not None and entry.is_file:
        _read(rootfs, entry.path, reading)
    else:
        reading.missing.append(f".include {text[:200]}")


def _decide(path: str, reading: _Reading) -> OpensslConfig:
    top = reading.sections.get("default", {})
    init = reading.sections.get(top.get("openssl_conf", ""), {})
    providers = dict(_lines(reading, init, "providers"))
    algorithms = dict(_lines(reading, init, "alg_section"))
    activated: set[str] = set()
    fips: Mapping[str, str] = {}
    values = (*init.values(), *providers.values(), *algorithms.values())
    unknown = next((text for text in values if "$" in text), "")
    if "fips_mode" in algorithms:
        unknown = unknown or "it states fips_mode, which careen does not follow"
    for name, section in providers.items():
        stated = reading.sections.get(section)
        if stated is None:
            unknown = unknown or _absent(section, reading)
            continue
        # OpenSSL counts what follows the first dot of a name.
        own = {key.partition(".")[2] or key: value for key, value in stated.items()}
        if "activate" not in own:
            continue
        if own["activate"] not in _YES:
            # Any value is a yes to OpenSSL 3.0, and not to later versions.
            unknown = unknown or f"[{section[:100]}] activate = {own['activate'][:20]}"
        identity = own.get("identity", name.partition(".")[2] or name)
        activated.add(identity)
        fips = own if identity == "fips" else fips
        unknown = unknown or next((text for text in own.values() if "$" in text), "")
    properties = algorithms.get("default_properties", "")
    return OpensslConfig(
        path,
        tuple(reading.files),
        frozenset(activated),
        fips,
        bool(_PROPERTY.search(properties)) and properties.count("fips") == 1,
        unknown,
    )


def _lines(reading: _Reading, init: Mapping[str, str], module: str) -> Iterator[tuple[str, str]]:
    """Yield what the sections of one module say: OpenSSL reads `providers` and `providers.2`."""
    for name, section in init.items():
        if name == module or name.rpartition(".")[0] == module:
            yield from reading.sections.get(section, {}).items()


def _absent(section: str, reading: _Reading) -> str:
    missing = f" ({', '.join(reading.missing[:3])} is not in the image)" if reading.missing else ""
    return f"its section [{section[:100]}] is not there{missing}"
