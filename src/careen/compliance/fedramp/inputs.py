"""The inputs of an evaluation with their sources, and what careen proposes from them."""

from collections.abc import Iterator, Sequence

from careen.model.compliance.fedramp import Given, Proposal, Rules, Service
from careen.model.findings.questions import Answer, FourQuestions
from careen.model.findings.triage import ObservedBy, Tier, Triaged

_RAN = (Tier.EXECUTED, Tier.LOADED)
_IDLE = (Tier.PRESENT, Tier.LOOKED_UP)
_ORDER = tuple(Tier)


def strongest(items: Sequence[Triaged]) -> Triaged:
    """Return the finding with the strongest evidence of use."""
    return min(items, key=lambda item: _ORDER.index(item.tier))


def inputs_of(items: Sequence[Triaged], observed: ObservedBy | None) -> Iterator[Given]:
    """Yield each input. What is not known is `unknown`, never no."""
    first = strongest(items)
    finding = first.finding
    yield Given("executed", *_use(first, observed))
    for name, answered in first.questions.rows:
        yield Given(name, answered.answer.value, answered.source)
    kev = finding.kev
    if kev is not None:
        use = ", used by ransomware" if kev.ransomware else ""
        yield Given("KEV", f"added {kev.added}, due {kev.due}{use}", "CISA's KEV list")
    if finding.epss is None:
        yield Given("EPSS", "unknown", "the database has no EPSS score for it")
    else:
        source = f"EPSS of {finding.epss.date} for {finding.epss.cve}"
        yield Given("EPSS", finding.epss.words, source)
    fixed = sorted({version for item in items for version in item.finding.fixed})
    yield Given("fix", ", ".join(fixed) or "none known", "advisory database")
    yield Given("severity", finding.severity.word, finding.severity_source or "no source")


def _use(item: Triaged, observed: ObservedBy | None) -> tuple[str, str]:
    if observed is None or item.tier is Tier.NOT_PROFILED:
        return "unknown", "no RBOM: the image was not profiled"
    lacks = "" if observed.completeness.complete else ", which is incomplete"
    source = f"RBOM of {len(observed.workloads)} workloads{lacks}"
    if item.tier in _RAN:
        return item.tier_words, source
    if not observed.completeness.complete or not observed.exact:
        return "unknown", f"not seen, but the {source} cannot show that it never runs"
    return f"not seen ({item.tier.value})", source


def proposal_of(
    items: Sequence[Triaged], observed: ObservedBy | None, rules: Rules, service: Service | None
) -> Proposal:
    """Return a proposal; each part is None where its evidence is missing."""
    first = strongest(items)
    reasons: list[str] = []
    likely = _likely(first, observed, reasons)
    internet = _internet(first.questions, service, reasons)
    severity = max(item.finding.severity for item in items)
    rating = rules.proposal.get(severity)
    if rating is not None:
        reasons.append(f"N{rating}: careen's table for severity {severity.word}, not FedRAMP's")
    # Idle code is there and may run one day: only what never was exploitable is a false positive.
    return Proposal(rating, likely, internet, None, tuple(reasons))


def _likely(item: Triaged, observed: ObservedBy | None, reasons: list[str]) -> bool | None:
    """Propose whether it is likely exploitable; automation is assumed (VER-EVA-AIA)."""
    asked = item.questions
    if asked.exploited.answer is Answer.YES and item.tier not in _IDLE:
        reasons.append(f"likely exploitable: {asked.exploited.source}")
        return True
    if item.tier in _RAN and asked.exposed.answer is Answer.YES:
        if asked.automatable.answer is Answer.NO:
            return None
        reasons.append(f"likely exploitable: it runs, and {asked.exposed.source}")
        return True
    shown = observed is not None and observed.exact and observed.completeness.complete
    if shown and item.tier in _IDLE and asked.exploited.answer is Answer.NO:
        reasons.append(
            "not likely exploitable: no workload loaded the code; the provider says whether its"
            " tests cover the service"
        )
        return False
    return None


def _internet(asked: FourQuestions, service: Service | None, reasons: list[str]) -> bool | None:
    """Propose whether a payload from the internet can reach it; only the provider knows routes."""
    if service is None or service.internet is None:
        return None
    if not service.internet:
        reasons.append("not internet-reachable: the provider says that no payload arrives")
        return False
    if asked.exposed.answer is Answer.YES:
        reasons.append(f"internet-reachable: {asked.exposed.source}")
        return True
    return None  # a payload may be handed on to a program that does not listen
