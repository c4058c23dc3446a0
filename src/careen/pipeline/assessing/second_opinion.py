"""Ask OpenSCAP about an image, as a second opinion beside careen's checks."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.compliance.confined import confined, give, missing_programs, unconfined
from careen.compliance.opinion import compared
from careen.compliance.scan_copy import scan_copy
from careen.compliance.streams import profile_of, stream_of
from careen.compliance.subject import Subject
from careen.engines.embedded.materialise import materialise
from careen.errors import InputError, ToolError
from careen.evidence.compliance.oscap_results import LIMIT, OscapResults, read_oscap_results
from careen.model.compliance.result import CheckResult
from careen.model.compliance.second_opinion import SecondOpinion
from careen.pipeline.run.session import Session
from careen.tools.process import Finished, Program, run
from careen.tools.read_file import read_regular

OSCAP = Program(("oscap",), "openscap-scanner")
OFF, AUTO = "off", "auto"
CONTENT = Path("/usr/share/xml/scap/ssg/content")
_SECONDS = 600.0
_VERSION = re.compile(rb"OpenSCAP command line tool \(oscap\) (\S{1,40})")
_PROFILE = "_profile_"
# It reads what belongs to any user, and some of its probes change the root.
_CAPABILITIES = ("dac_read_search", "sys_chroot")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A second opinion, and OpenSCAP's own results (b"" if it gave none)."""

    opinion: SecondOpinion
    document: bytes = b""


def check_oscap(asked: str) -> None:
    """Raise ToolError or InputError if a second opinion that was asked for cannot be had."""
    if asked in (OFF, AUTO):
        return
    OSCAP.require()
    if not Path(asked).is_file():
        msg = f"--oscap {asked!r}: no such file; give a data stream (…-ds.xml), auto or off"
        raise InputError(msg)
    if os.geteuid() != 0:
        msg = "--oscap: needs root, to unpack the image with its owners for OpenSCAP"
        raise InputError(msg)


def second_opinion(
    asked: str, subject: Subject, checks: Sequence[CheckResult], session: Session
) -> Opinion | None:
    """Return what OpenSCAP says, None if it was not asked.

    With `auto` whatever is missing makes it not evaluated; the reason says what it is. Raises
    InputError for a data stream that OpenSCAP cannot read, ToolError.
    """
    if asked == OFF:
        return None
    program = OSCAP.path()
    if program is None:
        return _not_evaluated("", "", "oscap is not installed")
    if os.geteuid() != 0:
        return _not_evaluated("", "", "unpacking the image with its owners for OpenSCAP needs root")
    if missing := missing_programs():
        return _not_evaluated("", "", f"{missing} of util-linux is not installed")
    if free := unconfined():
        return _not_evaluated(
            program, "", f"OpenSCAP would run {free}: this machine allows no less"
        )
    stream = _stream(asked, subject)
    if isinstance(stream, str):
        return _not_evaluated(program, "", stream)
    profile = profile_of(_profiles(program, stream))
    if profile is None:
        return _not_evaluated(program, stream.name, "the data stream has no profile to choose")
    session.say(f"asking OpenSCAP ({stream.name})")
    found = _evaluate(program, stream, profile, subject, session)
    return _judged(program, stream, profile, found, checks)


def _stream(asked: str, subject: Subject) -> Path | str:
    """Return the data stream, or why there is none."""
    if asked != AUTO:
        return Path(asked)
    system = subject.inventory.distribution
    name = stream_of(system)
    release = "an unknown release" if system is None else f"{system.id} {system.version_id}"
    if name is None:
        return f"there is no benchmark for {release}"
    path = CONTENT / name
    if not path.is_file():
        return f"no benchmark for {release} is installed ({path}); name a data stream by --oscap"
    return path


def _profiles(program: str, stream: Path) -> list[str]:
    done = _run([program, "info", "--profiles", str(stream)])
    if done.status != 0:
        msg = f"--oscap: OpenSCAP cannot read the data stream {str(stream)!r}: {done.complaint}"
        raise InputError(msg)
    names = (line.strip().partition(":")[0] for line in done.text.splitlines())
    return [name for name in names if name.startswith("xccdf_") and _PROFILE in name]


def _run(words: Sequence[str], env: dict[str, str] | None = None) -> Finished:
    done = run(confined(words, _CAPABILITIES), timeout=_SECONDS, env=env)
    if done.status is None:
        msg = f"oscap did not finish in {_SECONDS:g} s and was ended"
        raise ToolError(msg)
    return done


def _evaluate(
    program: str, stream: Path, profile: str, subject: Subject, session: Session
) -> OscapResults:
    root, out = session.scratch("oscap-root"), session.scratch("oscap")
    materialise(scan_copy(subject.rootfs), root)
    give(out)
    target = f"oci-image://{subject.ref.reference}@{subject.ref.digest}"
    # A line break in a value would make another variable of the rest.
    variables = [f"{key}={value}" for key, value in subject.config.env.items() if "\n" not in value]
    env = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "OSCAP_PROBE_ROOT": str(root),
        "OSCAP_EVALUATION_TARGET": target,
        "OSCAP_CONTAINER_VARS": "\n".join(variables),
    }
    results = out / "results.xml"
    words = [program, "xccdf", "eval", "--profile", profile, "--results", str(results)]
    done = _run([*words, str(stream)], env)
    session.space.remove_in_background(root)
    if results.is_symlink() or not results.is_file():
        msg = f"oscap failed ({done.status}): {done.complaint}; leave it out with --oscap off"
        raise ToolError(msg)
    return read_oscap_results(read_regular(results, LIMIT), target)


def _judged(
    program: str,
    stream: Path,
    profile: str,
    found: OscapResults,
    checks: Sequence[CheckResult],
) -> Opinion:
    counts = found.counts
    # Exit status 0 also means that no rule applied to the image.
    applied = counts.get("pass", 0) + counts.get("fail", 0)
    reason = "" if applied else "no rule of the benchmark applies to the image's release"
    opinion = SecondOpinion(
        tool=_tool(program),
        content=f"{stream.name} {found.version}".strip(),
        profile=profile,
        evaluated=bool(applied),
        reason=reason,
        counts=counts,
        compared=compared(found.rules, checks) if applied else (),
    )
    return Opinion(opinion, found.document)


def _tool(program: str) -> str:
    match = _VERSION.search(_run([program, "--version"]).stdout)
    return f"OpenSCAP {match[1].decode('ascii', 'replace')}" if match else "OpenSCAP"


def _not_evaluated(program: str, content: str, reason: str) -> Opinion:
    tool = _tool(program) if program else "OpenSCAP"
    return Opinion(
        SecondOpinion(tool, content, "", evaluated=False, reason=reason, counts={}, compared=())
    )
