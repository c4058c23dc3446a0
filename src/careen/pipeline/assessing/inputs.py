"""What the user gave to an assessment besides the image: files with their digests, that belong."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.evidence.compliance.cklb import STIG
from careen.evidence.compliance.stig_benchmark import StigBenchmark
from careen.model.compliance.framework import Framework
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.pipeline.run.source import Examined

_CHUNK = 1 << 20


def given_files(
    frameworks: Sequence[str], files: Sequence[tuple[str, Path | None]]
) -> tuple[str, ...]:
    """Return each file as `RBOM rbom.json (sha256:…)`; None is one that was not given.

    Raises ConfigError for a file that cannot be read.
    """
    own = [("framework", Path(name)) for name in dict.fromkeys(frameworks) if _is_file(name)]
    given = [*own, *((kind, path) for kind, path in files if path is not None)]
    return tuple(f"{kind} {path.name} ({_digest(path)})" for kind, path in given)


def _is_file(framework: str) -> bool:
    return framework.endswith(".toml")


def _digest(path: Path) -> str:
    if not path.is_file():
        return "a pipe, read once: no digest"
    hasher = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                hasher.update(chunk)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise ConfigError(msg) from error
    return f"sha256:{hasher.hexdigest()}"


def require_numbered(numbers: StigBenchmark, frameworks: Sequence[Framework]) -> None:
    """Raise InputError if no checklist of this run has rules of the benchmark."""
    checklists = [each for each in frameworks if each.id.startswith(STIG)]
    if not checklists:
        msg = "--stig-benchmark: no checklist is written: add --framework stig-gpos"
        raise InputError(msg)
    if not any(item.id in numbers.rules for each in checklists for item in each.items):
        msg = (
            f"--stig-benchmark: {numbers.title[:80]!r} has none of the rules of"
            f" {', '.join(each.id for each in checklists)}; give the benchmark of this framework"
        )
        raise InputError(msg)


def require_same(bom: RuntimeBom, examined: Examined) -> None:
    """Raise InputError if the RBOM is of another image: what ran is not in this one."""
    ran = (
        file.path
        for file in bom.without_exploration().files
        if any(use.use in (Use.EXECUTED, Use.MAPPED) for use in file.uses)
    )
    lacking = next((path for path in ran if path not in examined.rootfs), None)
    if lacking is not None:
        msg = (
            f"the RBOM is of another image: {lacking} ran in {bom.image.reference}, and is not in"
            f" {examined.image.reference}; profile this image"
        )
        raise InputError(msg)
