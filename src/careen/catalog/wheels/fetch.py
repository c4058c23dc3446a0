"""Wheels of a step, fetched by pip from the user's index: the newest, or those of a lock."""

import hashlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from careen.catalog.wheels.target import Target
from careen.errors import ToolError
from careen.model.catalog.lock import LockedWheel
from careen.tools.process import run

SECONDS = 1800.0
_CREDENTIALS = re.compile(r"//[^/\s]{0,2000}@")
_SHOWN = 300


def fetch(
    requirements: Sequence[str], pins: Sequence[LockedWheel], target: Target, into: Path
) -> tuple[LockedWheel, ...]:
    """Fetch the wheels of requirements into a directory, or exactly `pins`; return them, sorted.

    Nothing of a wheel is run, and no source is built. Raises ToolError with pip's reason.
    """
    into = into.absolute()
    asked = into / "requirements.txt"
    lines = [f"{x.name}=={x.version} --hash=sha256:{x.sha256}" for x in pins] or requirements
    asked.write_text("\n".join((*lines, "")), "utf-8")
    wheels = into / "wheels"
    wheels.mkdir()
    exact = ("--no-deps", "--require-hashes") if pins else ()
    done = run(
        [*_words(target), *exact, "--requirement", str(asked), "--dest", str(wheels)],
        timeout=SECONDS,
        cwd=str(into),
    )
    if done.status is None:
        msg = f"fetching wheels: pip did not finish in {SECONDS:g} s and was ended"
        raise ToolError(msg)
    if done.status != 0:
        said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        msg = f"fetching wheels for Python {target.version}: {reason(said)}"
        raise ToolError(msg)
    return tuple(sorted(_locked(path) for path in wheels.iterdir()))


def _words(target: Target) -> list[str]:
    """Return pip's words; index, certificates and proxies are those of the user's pip."""
    # -P, and a directory of careen's own: a directory `pip` where the user stands is not run
    words = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input"]
    words += ["--disable-pip-version-check", "--only-binary", ":all:"]
    words += ["--python-version", target.version, "--implementation", "cp"]
    words += [word for abi in target.abis for word in ("--abi", abi)]
    return [*words, *(word for each in target.platforms() for word in ("--platform", each))]


def reason(output: str) -> str:
    """Return what pip says of a failure, without credentials."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    told = (errors or lines or ["no output"])[0]
    return _CREDENTIALS.sub("//", told)[:_SHOWN]


def _locked(path: Path) -> LockedWheel:
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        msg = f"fetching wheels: pip fetched {path.name[:80]!r}, which is no wheel"
        raise ToolError(msg) from error
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return LockedWheel(canonicalize_name(name), str(version), path.name, digest)
