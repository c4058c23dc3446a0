"""What checks of cryptography share: the inventory, and its modules as evidence."""

from collections.abc import Callable, Iterable

from careen.compliance.check import Decision, not_applicable, not_evaluable
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence, Result
from careen.model.cryptography.module import CryptoInventory, Judged

NOT_SEARCHED = "cryptography was not looked for"
_NOTHING = "no implementation of cryptography was found"
_CLEAN = (Result.PASS, Result.NOT_APPLICABLE)
READS = "files of all programs and libraries, OpenSSL's configuration, Env"
COMMAND = "careen comply IMAGE --framework fips --report-dir DIR; see cbom.cdx.json"

Decide = Callable[[CryptoInventory], Decision]


def on_inventory(subject: Subject, decide: Decide) -> Decision:
    """Decide by the inventory; without one nothing is evaluable, and without modules nothing is
    applicable. What could not be read may be what the check asks about: no pass then.
    """
    found = subject.cryptography
    if found is None:
        return not_evaluable(NOT_SEARCHED)
    decision = decide(found) if found.modules else not_applicable(_NOTHING)
    if found.unknowns and decision.result in _CLEAN:
        first = found.unknowns[0]
        return not_evaluable(f"not all was read: {first.path}: {first.reason}")
    return decision


def evidence_of(modules: Iterable[Judged]) -> tuple[Evidence, ...]:
    """Return modules as evidence: file, version, the ladder's word and its reason, digest."""
    return tuple(
        Evidence(
            each.module.path,
            f"{each.module.name} {each.module.version or '(version not known)'}:"
            f" {each.standing.value}; {each.reason}",
            f"sha256:{each.module.sha256}" if each.module.sha256 else "",
        )
        for each in modules
    )
