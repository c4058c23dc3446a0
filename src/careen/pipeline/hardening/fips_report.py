"""The documents of FIPS mode in a report, `fips.json` and the CBOM, and its summary in words."""

from collections.abc import Iterator

from careen.evidence.cyclonedx.cbom import to_cbom
from careen.model.cryptography.fips import FipsReport
from careen.model.cryptography.module import Judged, Purpose, Standing
from careen.pipeline.hardening.fips_options import FIPS_REPORT
from careen.pipeline.run.timestamp import now
from careen.report.documents.fips import fips_json

_NAMED = 6  # modules in one line


def fips_documents(report: FipsReport) -> dict[str, bytes]:
    """Return the documents by name."""
    cbom = to_cbom(report.image, report.digest, report.inventory, created=now())
    return {FIPS_REPORT[0]: fips_json(report), FIPS_REPORT[1]: cbom}


def fips_words(report: FipsReport) -> tuple[str, ...]:
    """Return FIPS mode in lines for the summary: the provider, the probes, what stays outside."""
    return tuple(_words(report))


def _words(report: FipsReport) -> Iterator[str]:
    asked = [each for each in report.proof.probes if each.passed is not None]
    passed = sum(bool(each.passed) for each in asked)
    yield (
        f"FIPS mode is on: provider {report.provider.version} ({report.provider.source});"
        f" {passed} of {len(asked)} probes passed"
    )
    at = report.provider.path
    provider = next((each for each in report.inventory.modules if each.module.path == at), None)
    if provider is None:
        yield f"the provider was not judged: the inventory of the result does not have {at}"
    else:
        yield f"the provider is: {provider.standing.value}; {provider.reason}"
    yield f"certificates: {report.certificates}"
    if report.certificate is not None:
        yield f"the certificate that you stated for it: {report.certificate}"
    for rung in (Standing.VENDOR_AFFIRMED, Standing.PRIVATE, Standing.NONE):
        found = [
            each
            for each in report.inventory.of(rung)
            if each.module.purpose is not Purpose.PROVIDER
        ]
        if found:
            yield f"outside the provider, {rung.value}: {_named(found)}"
    yield from report.notes
    yield from report.proof.not_evaluable
    yield f"not known: {'; '.join(report.inventory.caveats)}"


def _named(found: list[Judged]) -> str:
    """Return modules by name and file; those that ran come first."""
    ordered = sorted(found, key=lambda each: (not each.module.executed, each.module.path))
    names = [
        f"{each.module.name} in {each.module.path}" + (" (it ran)" if each.module.executed else "")
        for each in ordered[:_NAMED]
    ]
    more = f" and {len(ordered) - _NAMED} more (fips.json)" if len(ordered) > _NAMED else ""
    return ", ".join(names) + more
