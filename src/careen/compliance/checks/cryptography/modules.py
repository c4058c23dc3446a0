"""What computes cryptography outside the FIPS provider."""

from collections.abc import Callable

from careen.compliance.check import (
    Check,
    Decision,
    failed,
    manual,
    none_of,
    not_applicable,
    not_evaluable,
    passed,
)
from careen.compliance.checks.cryptography.inventory import (
    COMMAND,
    READS,
    evidence_of,
    on_inventory,
)
from careen.compliance.subject import Subject
from careen.model.cryptography.module import (
    CryptoInventory,
    Judged,
    Origin,
    Purpose,
    Routing,
    Standing,
)

_ALONE = (Purpose.HASHES, Purpose.PROTOCOL)
_BUILD = (
    "Install a build that links to the distribution's OpenSSL (pip install --no-binary NAME NAME),"
    " or remove what does not need to be there."
)


def _private(found: CryptoInventory) -> tuple[Judged, ...]:
    return tuple(each for each in found.modules if each.module.origin is Origin.PRIVATE)


def _routed(found: CryptoInventory) -> Decision:
    copies = [each for each in _private(found) if each.module.can_be_routed]
    if not copies:
        return not_applicable("no file has an OpenSSL 3 of its own")
    unknown = [each for each in copies if each.module.routing is Routing.UNKNOWN]
    if unknown:
        return not_evaluable(f"{unknown[0].module.path}: {unknown[0].reason}")
    outside = [each for each in copies if each.module.routing is not Routing.ROUTED]
    if outside:
        return failed(
            f"{len(outside)} of {len(copies)} copies of OpenSSL do not take the FIPS provider"
            " alone",
            evidence_of(outside),
        )
    return passed("each copy of OpenSSL takes the FIPS provider alone", evidence_of(copies))


def _own(found: CryptoInventory) -> Decision:
    own = [
        each
        for each in _private(found)
        if each.standing is Standing.PRIVATE
        and not each.module.can_be_routed
        and each.module.purpose not in _ALONE
    ]
    return none_of(
        evidence_of(own),
        "{} implementations of cryptography are private and not validated",
        "no implementation of cryptography is private and not validated",
    )


def _executed(subject: Subject, found: CryptoInventory) -> Decision:
    if subject.rbom is None:
        return not_evaluable("there is no RBOM: which modules the workload executed is not known")
    seen = subject.rbom.completeness
    outside = [
        each
        for each in _private(found)
        if each.standing is Standing.PRIVATE and each.module.purpose not in _ALONE
    ]
    ran = [each for each in outside if each.module.executed]
    if not ran and not seen.complete:
        return not_evaluable(f"the RBOM is incomplete: {seen.sentence()}")
    unseen = [each for each in outside if each.module.executed is None]
    if not ran and unseen:
        return not_evaluable(
            f"{unseen[0].module.name}, {unseen[0].module.path}: another program reads its code, and"
            " the RBOM does not show whether it ran"
        )
    return none_of(
        evidence_of(ran),
        "the workload executed {} implementations that are private and not validated",
        "the workload executed no implementation that is private and not validated",
    )


def _libraries(found: CryptoInventory) -> Decision:
    others = [
        each
        for each in found.modules
        if each.module.origin is Origin.SYSTEM
        and each.standing is Standing.NONE
        and each.module.kind not in ("openssl", "openssl-fips")
    ]
    return none_of(
        evidence_of(others),
        "{} libraries of the distribution have cryptography that no validated module serves",
        "no other library of the distribution has cryptography",
    )


def _hashes(found: CryptoInventory) -> Decision:
    own = [each for each in found.modules if each.module.purpose is Purpose.HASHES]
    if not own:
        return not_applicable("nothing computes hashes alone")
    return manual(
        "they compute hashes themselves, MD5 among them, in FIPS mode too: a person must say"
        " whether any is used for security",
        evidence_of(own),
    )


def _listed(found: CryptoInventory) -> Decision:
    return passed(
        f"{len(found.modules)} modules, each with its standing", evidence_of(found.modules)
    )


def _by(decide: Callable[[CryptoInventory], Decision]) -> Callable[[Subject], Decision]:
    return lambda subject: on_inventory(subject, decide)


def _ran(subject: Subject) -> Decision:
    return on_inventory(subject, lambda found: _executed(subject, found))


CHECKS = (
    Check(
        id="crypto-listed",
        title="All cryptographic modules are listed, each with its standing",
        reads=READS,
        fix="Look at what could not be read; the reason names it.",
        command=COMMAND,
        decide=_by(_listed),
    ),
    Check(
        id="crypto-copies-routed",
        title="Each private copy of OpenSSL takes the FIPS provider",
        reads=READS,
        fix="careen harden IMAGE --fips gives each copy a provider of its own. " + _BUILD,
        command=COMMAND,
        decide=_by(_routed),
    ),
    Check(
        id="crypto-no-private",
        title="No other private implementation of cryptography",
        reads=READS,
        fix=_BUILD,
        command=COMMAND,
        decide=_by(_own),
    ),
    Check(
        id="crypto-private-not-executed",
        title="The workload executes no private implementation that is not validated",
        reads=f"{READS}, the RBOM",
        fix=_BUILD,
        command="careen profile IMAGE --test …;"
        " careen comply IMAGE --framework fips --rbom rbom.json",
        decide=_ran,
    ),
    Check(
        id="crypto-system-libraries",
        title="No other library of the distribution with cryptography",
        reads=READS,
        fix="careen harden removes libraries that the workload does not need.",
        command=COMMAND,
        decide=_by(_libraries),
    ),
    Check(
        id="crypto-hashes",
        title="What computes hashes by itself is known",
        reads=READS,
        fix="Use the functions of OpenSSL for security (hashlib.new with a name, hmac.digest).",
        command="python3 -c 'import hashlib; hashlib.md5()' in the container",
        decide=_by(_hashes),
    ),
)
