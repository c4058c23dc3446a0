"""Whether the system's OpenSSL is in FIPS mode, by which module, and whether that is validated."""

from careen.compliance.check import (
    Check,
    Decision,
    failed,
    manual,
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

_HARDEN = "careen harden IMAGE --fips turns FIPS mode on, and proves it."


def _system(found: CryptoInventory) -> tuple[Judged, ...]:
    return tuple(
        each
        for each in found.modules
        if each.module.kind == "openssl" and each.module.origin is Origin.SYSTEM
    )


def _mode(found: CryptoInventory) -> Decision:
    system = _system(found)
    if not system:
        return not_applicable("the distribution's OpenSSL is not in the image")
    unknown = [each for each in system if each.module.routing is Routing.UNKNOWN]
    if unknown:
        return not_evaluable(unknown[0].reason)
    off = [each for each in system if each.module.routing is not Routing.ROUTED]
    if off:
        return failed("the distribution's OpenSSL is not in FIPS mode", evidence_of(off))
    return passed("the distribution's OpenSSL takes the FIPS provider alone", evidence_of(system))


def _validated(found: CryptoInventory) -> Decision:
    providers = [each for each in found.modules if each.module.purpose is Purpose.PROVIDER]
    if not providers:
        return failed("the image has no FIPS provider")
    evidence = evidence_of(providers)
    if all(each.standing is Standing.VALIDATED for each in providers):
        return passed("each provider is the build of an active certificate", evidence)
    lower = [each for each in providers if each.standing in (Standing.ACTIVE, Standing.NONE)]
    if lower:
        return failed(f"{lower[0].standing.value}: {lower[0].reason}", evidence_of(lower))
    return manual(f"{providers[0].standing.value}: {providers[0].reason}", evidence)


def _with_mode(subject: Subject) -> Decision:
    return on_inventory(subject, _mode)


def _with_certificate(subject: Subject) -> Decision:
    return on_inventory(subject, _validated)


CHECKS = (
    Check(
        id="crypto-fips-mode",
        title="The distribution's OpenSSL is in FIPS mode",
        reads=READS,
        fix=_HARDEN,
        command="docker run --rm --entrypoint openssl IMAGE list -providers",
        decide=_with_mode,
    ),
    Check(
        id="crypto-provider-validated",
        title="The FIPS provider is the validated build of an active certificate",
        reads=f"{READS}, the list of certificates",
        fix="Take a validated provider from its vendor, with the digest of the build in a list of"
        " your own: careen harden --fips --fips-module FILE --fips-cert N"
        " --fips-certificates LIST.",
        command=COMMAND,
        decide=_with_certificate,
    ),
)
