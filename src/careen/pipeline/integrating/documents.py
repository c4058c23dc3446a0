"""Write the documents of a run, and tell the platform that runs it."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from careen.errors import CareenError, InputError
from careen.model.integration import Outcome
from careen.pipeline.findings.scan_outputs import Output, Subject
from careen.pipeline.findings.scan_outputs import document as scan_document
from careen.pipeline.findings.vex import subject_of
from careen.pipeline.integrating.request import CiRequest
from careen.report.integration.document import outcome_json
from careen.report.integration.markdown import comment
from careen.report.integration.words import verdict
from careen.report.output_file import remove_output, write_output

MARKDOWN, JSON, SARIF = "markdown", "json", "sarif"
VALUES = "ci.env"
_PLAIN = re.compile(r"[A-Za-z0-9_./:@+,=-]*\Z", re.ASCII)


def default_outputs(folder: Path) -> tuple[Output, ...]:
    """Return the documents that every run writes."""
    return (
        Output(SARIF, folder / "findings.sarif"),
        Output(MARKDOWN, folder / "comment.md"),
        Output(JSON, folder / "ci.json"),
    )


def clear_documents(request: CiRequest) -> None:
    """Remove the documents of the last run, which must not pass for those of this one."""
    for output in (*default_outputs(request.folder), *request.outputs):
        remove_output(output.path)
    remove_output(request.folder / VALUES)


def write_documents(request: CiRequest, outcome: Outcome) -> Outcome:
    """Write every document, and name those that are there in the outcome.

    Raises InputError for a place that cannot be written to.
    """
    outputs = (*default_outputs(request.folder), *request.outputs)
    report = outcome.report
    made: dict[Path, bytes] = {}
    failed: list[str] = []
    for output in outputs:
        if output.format in (MARKDOWN, JSON):
            made[output.path] = b""  # written last, when the others are known
        elif report is not None:
            try:
                made[output.path] = scan_document(output.format, report, _subject(outcome))
            except CareenError as error:
                failed.append(f"output {output.format}: {error}")
    files = {each.format: str(each.path) for each in reversed(outputs) if each.path in made}
    outcome = replace(outcome, notes=(*outcome.notes, *failed), files=files)
    text = comment(outcome).encode("utf-8", "replace")
    document = outcome_json(outcome)
    for output in outputs:
        if output.path in made:
            by_format = {MARKDOWN: text, JSON: document}
            write_output(output.path, by_format.get(output.format, made[output.path]))
    write_output(request.folder / VALUES, _env(outcome))
    return outcome


def _subject(outcome: Outcome) -> Subject:
    return Subject(subject_of(outcome.image, None, outcome.result_digest or outcome.image_digest))


def values(outcome: Outcome) -> Mapping[str, str]:
    """Return what later steps of a pipeline need; a value with unusual characters is empty."""
    found = {
        "status": str(outcome.status),
        "step": outcome.decision.step.value,
        "name": outcome.name,
        "digest": outcome.result_digest,
        "result": outcome.places[0] if outcome.places else "",
        "evidence": outcome.evidence,
        **outcome.files,
    }
    return {key: value if _PLAIN.match(value) else "" for key, value in found.items()}


def _env(outcome: Outcome) -> bytes:
    """Return the values as GitLab's dotenv reports and `. FILE` read them."""
    lines = [
        f"CAREEN_{key.upper().replace('-', '_')}={value}\n"
        for key, value in values(outcome).items()
    ]
    return "".join(lines).encode()


def tell_platform(outcome: Outcome, environ: Mapping[str, str] = os.environ) -> None:
    """Append the summary and the values to the files that GitHub names, if it does.

    Raises InputError for a file that cannot be written to.
    """
    if name := environ.get("GITHUB_STEP_SUMMARY"):
        _append(Path(name), comment(outcome))
    if name := environ.get("GITHUB_OUTPUT"):
        # The values are plain; a delimiter that nobody knows keeps it so if a value ever is not.
        end = f"careen-{secrets.token_hex(16)}"
        found = {**values(outcome), "verdict": " ".join(verdict(outcome).split())}
        _append(
            Path(name), "".join(f"{key}<<{end}\n{text}\n{end}\n" for key, text in found.items())
        )


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="replace") as out:
            out.write(text)
    except OSError as error:
        msg = f"writing {str(path)!r}: {error.strerror or error}; the platform names it"
        raise InputError(msg) from error
