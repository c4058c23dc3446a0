"""Wheels of a step, fetched by pip from the user's index: the newest, or those of a lock."""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from careen.catalog.credentials import without_credentials
from careen.catalog.isolation import tied
from careen.catalog.wheels.complete import required
from careen.catalog.wheels.constraints import constraints
from careen.catalog.wheels.other_bytes import require_same
from careen.catalog.wheels.target import Target
from careen.errors import ToolError
from careen.model.catalog.lock import LockedWheel
from careen.tools.process import run

SECONDS = 1800.0
ROUNDS = 100
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class _Pip:
    """One use of pip: for which Python, its directory, and its variables."""

    target: Target
    into: Path
    environment: Mapping[str, str]


def fetch(
    requirements: Sequence[str],
    pins: Sequence[LockedWheel],
    target: Target,
    into: Path,
    index: str = "",
) -> tuple[LockedWheel, ...]:
    """Fetch the wheels of requirements into a directory, or exactly `pins`; return them, sorted.

    `index` is the URL of the index, "" for that of the user's pip. Nothing of a wheel is run, and
    no source is built. Raises ToolError with pip's reason, VerificationError for a wheel that is
    not the locked one.
    """
    into = into.absolute()
    wheels = into / "wheels"
    wheels.mkdir()
    pip = _Pip(target, into, _environment(target, into, index))
    if not pins:
        return _resolved(requirements, pip)
    lines = [f"{x.name}=={x.version} --hash=sha256:{x.sha256}" for x in pins]
    _download(lines, pip, "--require-hashes")
    return _all_of(wheels)


def _environment(target: Target, into: Path, index: str) -> Mapping[str, str]:
    """Return the user's variables, with the index and constraints of this build."""
    out = dict(os.environ)
    if index:
        out["PIP_INDEX_URL"] = index  # unlike a word, no other user of the machine sees it
        out["PIP_NO_INDEX"] = "0"  # else pip would pass over it without a word
    # an empty file, too: else pip reads the user's, with markers for careen's own Python
    if (lines := constraints(target, os.environ)) is not None:
        path = into / "constraints.txt"
        path.write_text("\n".join((*lines, "")), "utf-8")
        out["PIP_CONSTRAINT"] = str(path)
    return out


def _resolved(requirements: Sequence[str], pip: _Pip) -> tuple[LockedWheel, ...]:
    """Fetch the newest wheels that meet all requirements, in rounds until none is new.

    A round fetches what is asked for and what the wheels of the round before require.
    """
    # pip itself would follow a requirement with a URL in a wheel, and build a source behind it
    wheels = pip.into / "wheels"
    found: tuple[LockedWheel, ...] = ()
    lines: list[str] = []
    for _ in range(ROUNDS):
        before, lines = lines, _lines(required(wheels, found, requirements, pip.target))
        if lines == before:
            return _only(wheels, found, lines)
        _download(lines, pip)
        found = _newly(wheels, found)
    msg = f"fetching wheels: after {ROUNDS} rounds their versions still change; name some in `pip`"
    raise ToolError(msg)


def _lines(wanted: Iterable[tuple[str, Requirement]]) -> list[str]:
    """Return one line for each name, with all that is required of its version."""
    versions: dict[str, SpecifierSet] = {}
    for _, each in wanted:
        name = canonicalize_name(each.name)
        versions[name] = versions.get(name, SpecifierSet()) & each.specifier
    return sorted(f"{name}{specifier}" for name, specifier in versions.items())


def _newly(wheels: Path, before: Sequence[LockedWheel]) -> tuple[LockedWheel, ...]:
    """Return the wheels after a round; one that it replaced is removed."""
    files = {each.file for each in before}
    found = _all_of(wheels)
    new = {each.name for each in found if each.file not in files}
    kept = [each for each in found if each.file not in files or each.name not in new]
    for each in set(found) - set(kept):
        (wheels / each.file).unlink()
    return tuple(kept)


def _only(
    wheels: Path, found: Sequence[LockedWheel], lines: Sequence[str]
) -> tuple[LockedWheel, ...]:
    """Return the wheels that are still required; the others are removed."""
    names = {Requirement(line).name for line in lines}
    for each in found:
        if each.name not in names:
            (wheels / each.file).unlink()
    return tuple(each for each in found if each.name in names)


def _download(lines: Sequence[str], pip: _Pip, *more: str) -> None:
    """Run pip for requirements alone, not for what they require."""
    asked = pip.into / "requirements.txt"
    asked.write_text("\n".join((*lines, "")), "utf-8")
    words = [*_words(pip.target), *more, "--requirement", str(asked)]
    # where the user stands: paths in the settings of pip may be relative
    done = run([*words, "--dest", str(pip.into / "wheels")], timeout=SECONDS, env=pip.environment)
    if done.status is None:
        msg = f"fetching wheels: pip did not finish in {SECONDS:g} s and was ended"
        raise ToolError(msg)
    if done.status != 0:
        said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        require_same(said)
        msg = f"fetching wheels for Python {pip.target.version}: {reason(said)}"
        raise ToolError(msg)


def _words(target: Target) -> list[str]:
    """Return pip's words; certificates, proxies and find-links are those of the user's pip."""
    # -P: a directory `pip` where the user stands is not run
    words = [*tied(), sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input"]
    words += ["--disable-pip-version-check", "--only-binary", ":all:", "--no-deps"]
    words += ["--python-version", target.version, "--implementation", "cp"]
    words += [word for abi in target.abis for word in ("--abi", abi)]
    return [*words, *(word for each in target.platforms() for word in ("--platform", each))]


def reason(output: str) -> str:
    """Return what pip says of a failure, without credentials."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    told = (errors or lines or ["no output"])[0]
    return without_credentials(told)[:_SHOWN]


def _all_of(wheels: Path) -> tuple[LockedWheel, ...]:
    return tuple(sorted(_locked(path) for path in wheels.iterdir()))


def _locked(path: Path) -> LockedWheel:
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        msg = f"fetching wheels: pip fetched {path.name[:80]!r}, which is no wheel"
        raise ToolError(msg) from error
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return LockedWheel(canonicalize_name(name), str(version), path.name, digest)
