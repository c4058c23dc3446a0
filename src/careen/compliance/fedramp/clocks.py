"""When a vulnerability is to be evaluated and reduced, and whether it is overdue."""

import datetime as dt

from careen.model.compliance.fedramp import Clocks, Decision, Disposition, Due

SETTLED = (Disposition.FULLY_MITIGATED, Disposition.FALSE_POSITIVE)
_LEV_IRV, _LEV, _NLEV = range(3)


def due_of(
    detected: dt.datetime,
    kev: dt.date | None,
    decision: Decision | None,
    provider: tuple[str, Clocks] | None,
    now: dt.datetime,
    *,
    accepted: bool = False,
) -> Due:
    """Return the clocks. Without the provider's class only the due date of CISA's list is known.

    `provider` is that class with its time frames. Nothing is to be reduced of what is `accepted`,
    fully mitigated, or a false positive.
    """
    ending = None if decision is None else decision.disposition
    if ending is Disposition.FALSE_POSITIVE:
        kev = None
    if provider is None:
        overdue = True if _passed(kev, now) else None
        why = _kev_words(kev) if overdue else "the provider's class is not known: no file was given"
        return Due(None, None, kev, overdue, why)
    klass, clocks = f"class {provider[0].upper()}", provider[1]
    evaluated = decision.evaluated if decision is not None else None
    evaluate_by = detected + clocks.evaluate
    settled = accepted or ending in SETTLED
    reduce_by, unknown = (None, "") if settled else _reduce_by(decision, clocks)
    overdue, why = None if unknown else False, unknown
    if evaluated is None:
        overdue, why = False, ""
        if now > evaluate_by:
            overdue = True
            why = f"not evaluated by {_said(evaluate_by)} (VER-TFR-EVU, {klass})"
    elif reduce_by is not None and now > reduce_by:
        overdue = True
        why = f"not reduced by {_said(reduce_by)} (VDR-TFR-PVR, {klass})"
    if _passed(kev, now):
        overdue, why = True, "; ".join(filter(None, (_kev_words(kev), why)))
    return Due(evaluate_by, reduce_by, kev, overdue, why)


def _reduce_by(decision: Decision | None, clocks: Clocks) -> tuple[dt.datetime | None, str]:
    """Return the time of the next reduction, and what is missing to know it, or ""."""
    if decision is None or decision.evaluated is None:
        return None, ""
    column = exposure_of(decision.likely_exploitable, decision.internet_reachable)
    if decision.rating is None or column is None:
        missing = "rating" if decision.rating is None else "exploitability and reachability"
        return None, f"{decision.where}: the decision has no {missing}"
    times = clocks.reduce.get(decision.rating)
    return None if times is None else decision.evaluated + times[column], ""


def exposure_of(likely: bool | None, internet: bool | None) -> int | None:  # noqa: FBT001
    """Return the column of a class' table, None if an answer that it needs is missing."""
    if likely is False:
        return _NLEV
    if likely is None or internet is None:
        return None
    return _LEV_IRV if internet else _LEV


def _passed(kev: dt.date | None, now: dt.datetime) -> bool:
    return kev is not None and now.date() > kev


def _kev_words(kev: dt.date | None) -> str:
    return f"CISA's list of exploited vulnerabilities asks for remediation by {kev} (VDR-TFR-KEV)"


def _said(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
