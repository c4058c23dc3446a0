"""The real resolvers, asked without changing anything: uv where its binary runs in the image, else pip.

uv is asked first: it answers in tenths of a second, counts what is installed as it is, and can take the lowest version that satisfies, which moves
dependencies least. It is a binary for one libc, and does not see the system's packages beside an environment's own (`--system-site-packages`, a user's
directory, `--target`, Debian's directory beside that of /usr/local). There the environment's own pip (22.2 or later) is asked, or careen's copy of pip,
which is Python alone and runs under musl as well.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from careen.errors import ToolError
from careen.formats.json_document import mapping, objects, parse_object, text
from careen.patch.bench import SHORT, Bench
from careen.patch.certificates import beside_machines
from careen.patch.credentials import without_credentials
from careen.patch.python.environments import Environment
from careen.patch.python.probe import Interpreter
from careen.patch.python.requirements import version_of
from careen.patch.python.sources import Sources

_SHOWN = 600
_PIP = (22, 2)
_PIP_PYTHON = (3, 10)
_IMPOSSIBLE = ("No solution found", "ResolutionImpossible", "No matching distribution", "conflicting dependencies", "No matching version")
_TEMPORARY = "tmp"
_OWN = re.compile(r"://(?:localhost|127\.|\[::1\])")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to hold: requirements (`name==1.2`, `name>=1.2,<2`), one for each distribution that is there or wanted."""

    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What would be installed: normalised name → version; what is there and stays is not in it."""

    changes: Mapping[str, Version] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """There is no such set; the resolver's own words, on one line."""

    words: str


class Resolver(Protocol):
    """One of the programs."""

    @property
    def name(self) -> str:
        """With its version, for people."""

    def ask(self, question: Question, bench: Bench) -> Resolution | Refusal:
        """Resolve. Raises ToolError for an index that does not answer, with no credentials in it."""


def resolver_for(environment: Environment, interpreter: Interpreter, sources: Sources, bench: Bench) -> Resolver | str:
    """Return the first that runs in the environment, or why none does."""
    _, inside = bench.directory("python")
    bench.directory(f"python/{_TEMPORARY}")
    variables = _variables(sources, bench, inside)
    houses = _houses(sources, bench, frozenset(interpreter.tags))
    if environment.kind not in ("user", "target") and not environment.shared and len(environment.sites) == 1:
        uv = _uv(bench)
        if uv:
            return Uv(environment, uv, sources, variables, inside, houses)
    own = _own_pip(environment)
    if own:
        return Pip(environment, ("-m", "pip"), f"pip {own}", sources, variables, inside, houses)
    version = tuple(int(part) for part in interpreter.full.split(".")[:2])
    if version >= _PIP_PYTHON:
        import pip

        return Pip(environment, (_copied_pip(bench),), f"pip {pip.__version__}", sources, variables, inside, houses)
    return f"neither uv nor pip runs with Python {interpreter.full} of this image"


@dataclass(frozen=True, slots=True)
class Uv:
    """uv, copied into the bench."""

    environment: Environment
    name: str
    sources: Sources
    variables: Mapping[str, str] = field(repr=False)
    inside: str = ""
    houses: tuple[str, ...] = ()

    def ask(self, question: Question, bench: Bench) -> Resolution | Refusal:
        there = _written(question, bench)
        argv = [f"{self.inside}/uv", "pip", "install", "--dry-run", "--output-format", "json", "--python", self.environment.python, "--no-config"]
        argv += ["--only-binary", ":all:", "--resolution", "lowest-direct", "--break-system-packages", "--no-progress", "--color", "never", "-r", there]
        argv += ["--no-index"] if not self.sources.indexes else []
        for house in self.houses:
            argv += ["--find-links", house]
        done = _run(argv, bench, self.variables, f"resolving for {self.environment.prefix} with {self.name}")
        if not self.environment.locked:
            lock = f"{self.environment.prefix}/.lock"
            program = f"import os\nif os.path.isfile({lock!r}): os.unlink({lock!r})"
            bench.run([self.environment.python, "-I", "-B", "-c", program], doing="removing the lock file that uv leaves")
        status, output = done
        if status == 0:
            document = parse_object(output[output.find("{") : output.rfind("}") + 1].encode("utf-8", "replace"), self.name, ToolError)
            rows = [(text(each.get("name")), text(each.get("version"))) for each in objects(document.get("changes")) if each.get("action") == "installed"]
            return _resolution(rows, self.name)
        return _refused(output, f"resolving for {self.environment.prefix} with {self.name}")


@dataclass(frozen=True, slots=True)
class Pip:
    """The environment's own pip, or careen's copy, run by the environment's interpreter."""

    environment: Environment
    start: tuple[str, ...]
    name: str
    sources: Sources
    variables: Mapping[str, str] = field(repr=False)
    inside: str = ""
    houses: tuple[str, ...] = ()

    def ask(self, question: Question, bench: Bench) -> Resolution | Refusal:
        there = _written(question, bench)
        report = f"{self.inside}/report.json"
        own = self.start[0] == "-m"  # a copy has no byte code of its own: it is kept in the bench, not beside the standard library
        argv = [
            self.environment.python,
            *(["-B"] if own else []),
            *self.start,
            "install",
            "--dry-run",
            "--quiet",
            "--report",
            report,
            "--only-binary",
            ":all:",
            "-r",
            there,
        ]
        argv += [
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--no-input",
            "--no-color",
            "--retries",
            "1",
            "--timeout",
            "20",
            "--root-user-action",
            "ignore",
        ]
        argv += ["--no-index"] if not self.sources.indexes else []
        argv += ["--break-system-packages"] if self.environment.managed else []
        for house in self.houses:
            argv += ["--find-links", house]
        env = {**self.variables, "PIP_CONFIG_FILE": os.devnull}
        if not own:
            env = {**env, "PYTHONPYCACHEPREFIX": f"{self.inside}/byte-code", "PYTHONDONTWRITEBYTECODE": ""}
        if self.environment.kind in ("user", "target"):
            env["PYTHONPATH"] = ":".join(self.environment.sites)
        status, output = _run(argv, bench, env, f"resolving for {self.environment.prefix} with {self.name}")
        if status != 0:
            return _refused(output, f"resolving for {self.environment.prefix} with {self.name}")
        document = parse_object(bench.take("python/report.json", _MAX_REPORT) or b"", self.name, ToolError)
        metadata = [mapping(each.get("metadata")) for each in objects(document.get("install"))]
        return _resolution([(text(each.get("name")), text(each.get("version"))) for each in metadata], self.name)


_MAX_REPORT = 256 << 20


def _run(argv: list[str], bench: Bench, variables: Mapping[str, str], doing: str) -> tuple[int, str]:
    try:
        done = bench.run(argv, doing=doing, timeout=SHORT * 2, env=variables, check=False)
    except ToolError as error:  # an engine's or a time limit's, with what the program printed last
        raise ToolError(without_credentials(str(error))) from None
    return (1 if done.status is None else done.status), done.output


def _refused(output: str, doing: str) -> Refusal:
    words = without_credentials(" ".join(output.split()))
    if any(word in output for word in _IMPOSSIBLE) and not any(
        word in output for word in ("Failed to fetch", "error sending request", "Connection", "status code")
    ):
        return Refusal(words[-_SHOWN:])
    advice = "; an index on this machine is reached from the container with --host-network only" if _OWN.search(words) else ""
    msg = f"{doing}: {words[-_SHOWN:] or 'it printed nothing'}{advice}"
    raise ToolError(msg)


def _resolution(rows: list[tuple[str, str]], where: str) -> Resolution:
    out: dict[str, Version] = {}
    for name, said in rows:
        version = version_of(said)
        if version is None or not name:
            msg = f"{where}: no version of a package in its answer: {name[:80]!r} {said[:80]!r}"
            raise ToolError(msg)
        out[canonicalize_name(name)] = version
    return Resolution(out)


def _written(question: Question, bench: Bench) -> str:
    bench.directory("python")
    return bench.put("python/wanted.txt", "".join(f"{line}\n" for line in question.requirements).encode())


def _variables(sources: Sources, bench: Bench, inside: str) -> dict[str, str]:
    """What both read from the environment: credentials are in no command line."""
    out = {
        "UV_CACHE_DIR": f"{inside}/uv-cache",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_HTTP_TIMEOUT": "20",
        "UV_HTTP_RETRIES": "1",
        "UV_NO_CONFIG": "1",
        "UV_KEYRING_PROVIDER": "disabled",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "",
        "TMPDIR": f"{inside}/{_TEMPORARY}",
        "UV_FIND_LINKS": ",".join(sources.find_links),
        "PIP_FIND_LINKS": " ".join(sources.find_links),
        "UV_INDEX": " ".join(sources.indexes[:-1]),
        "PIP_EXTRA_INDEX_URL": " ".join(sources.indexes[:-1]),
    }
    if sources.indexes:
        out |= {"UV_DEFAULT_INDEX": sources.indexes[-1], "PIP_INDEX_URL": sources.indexes[-1]}
    if sources.certificates:
        authorities = bench.put("python/authorities.pem", beside_machines(sources.certificates))
        out |= {"SSL_CERT_FILE": authorities, "PIP_CERT": authorities}
    return out


def _uv(bench: Bench) -> str:
    """Copy uv and return what it calls itself in the container, "" if it does not run there (no glibc, another processor)."""
    import uv

    try:
        found = Path(uv.find_uv_bin())
    except OSError:  # UvNotFound is one: a machine for which there is no wheel of uv
        return ""
    binary = bench.copy(found, "python/uv", 0o755)
    try:
        done = bench.run([binary, "--version"], doing="asking uv for its version", check=False)
    except ToolError:
        return ""
    words = done.output.split()
    return " ".join(words[:2]) if done.status == 0 and words[:1] == ["uv"] else ""


def _own_pip(environment: Environment) -> str:
    for dist in (*environment.dists.values(), *environment.base):
        if dist.name == "pip":
            version = version_of(dist.installed.version)
            return str(version) if version is not None and version.release[:2] >= _PIP else ""
    return ""


def _copied_pip(bench: Bench) -> str:
    """Put careen's own pip into the bench and return where it is there."""
    import pip

    root = Path(pip.__file__).parent
    _, inside = bench.directory("python/pip")
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix not in (".pyc", ".exe"):
            place = f"python/pip/pip/{path.parent.relative_to(root)}".removesuffix("/.")
            here, _ = bench.directory(place)
            if not (here / path.name).exists():
                bench.copy(path, f"{place}/{path.name}")
    return f"{inside}/pip"


def _houses(sources: Sources, bench: Bench, tags: frozenset[str]) -> tuple[str, ...]:
    """Copy what the environment takes of this machine's wheel houses into the bench. Never by links: root in the container could write to the user's files."""
    out: list[str] = []
    for number, directory in enumerate(sources.directories):
        target, there = bench.directory(f"python/house-{number}")
        for wheel in sorted(directory.glob("*.whl")):
            if _takes(wheel.name, tags) and not (target / wheel.name).exists():
                bench.copy(wheel, f"python/house-{number}/{wheel.name}")
        out.append(there)
    return tuple(out)


def _takes(filename: str, tags: frozenset[str]) -> bool:
    try:
        return not tags.isdisjoint(map(str, parse_wheel_filename(filename)[3]))
    except (InvalidWheelFilename, InvalidVersion):
        return False
