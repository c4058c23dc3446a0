"""What is stated of a vulnerability in the result of an image, as an OpenVEX document."""

from careen.advisories.database.store import Store
from careen.errors import CareenError
from careen.evidence.vex.read import read_vex
from careen.evidence.vex.statements import Hardening, statements
from careen.evidence.vex.write_openvex import Authorship, to_openvex
from careen.model.findings.vex import VexStatement
from careen.pipeline.findings.vex import AUTHOR, code_files, scan_kind, subject_of
from careen.pipeline.incidents.last_result import LastResult
from careen.pipeline.run.timestamp import now
from careen.tools.read_file import read_file
from careen.triage.parts import Parts
from careen.triage.triage import observed_by, triage

VEX = "vex.openvex.json"
_MAX_VEX = 256 << 20


def statement_of(
    identifier: str, last: LastResult, name: str, store: Store
) -> tuple[str, bytes | None]:
    """Return the statuses in words and the document; "" and None if there is nothing to state.

    What the run of the result stated stands. If it knew nothing of the vulnerability, the rule of
    docs/vex.md is applied to what is stored.
    """
    ref = last.result.ref
    subject = subject_of(name, ref)
    stated = _computed(last, name, store) if last.before else _said(identifier, last)
    if not stated:
        return "", None
    words = dict.fromkeys(map(_words, stated))
    return "; ".join(words), to_openvex(stated, subject, Authorship(AUTHOR, now()))


def _words(stated: VexStatement) -> str:
    why = f" ({stated.justification.value})" if stated.justification is not None else ""
    return f"{stated.status.value}{why}"


def _computed(last: LastResult, name: str, store: Store) -> tuple[VexStatement, ...]:
    profiled, result = last.profiled, last.result
    subject = subject_of(name, result.ref)
    items = triage(
        last.before,
        profiled.inventory,
        last.bom,
        profiled.ref,
        profiled.rootfs,
        feeds=store.feeds(),
    )
    facts = Hardening(
        profiled.inventory,
        result.inventory,
        frozenset(entry.path for entry in result.rootfs),
        last.findings,
        observed_by(last.bom, profiled.ref),
        code_files(),
        Parts(result.inventory).lacking,
    )
    return statements(items, facts, subject, scan_kind(subject))


def _said(identifier: str, last: LastResult) -> tuple[VexStatement, ...]:
    """Return what the evidence states of the vulnerability."""
    file = last.evidence / VEX
    try:
        document = read_vex(read_file(file, _MAX_VEX), str(file))
    except CareenError:  # a run without findings writes none
        return ()
    wanted = identifier.upper()
    return tuple(
        each
        for each in document.statements
        if wanted in map(str.upper, (each.vulnerability, *each.aliases))
    )
