"""Lines of JSON of a guard, one an event (docs/schema/guard-1.schema.json)."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from careen.model.plan import Reason
from careen.model.rbom import ImageRef
from careen.model.runs.drift import Deviation, Drift, DriftKind, Guarded

FORMAT, VERSION = "careen.guard", 1


def timestamp(at: float) -> str:
    """Return seconds since 1970 as RFC 3339, UTC, with milliseconds."""
    when = dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds")
    return when.replace("+00:00", "Z")


def line(event: str, at: float, guarded: Guarded, **more: Any) -> bytes:
    """Return one line."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "event": event,
        "time": timestamp(at),
        "container": guarded.container,
        "profiled": guarded.profiled.config_digest,
        **more,
    }
    # ASCII: a name of the container's may hold any byte, which JSON has as an escape.
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def image_of(ref: ImageRef) -> Mapping[str, str | None]:
    """Return the members of an image."""
    return {
        "reference": ref.reference,
        "manifest_digest": ref.manifest_digest,
        "config_digest": ref.config_digest,
    }


def not_compared(drift: Drift) -> Mapping[str, str]:
    """Return why a kind is not compared, for each that is not."""
    return {kind.value: why for kind, why in drift.not_compared.items()}


def members(deviation: Deviation) -> Mapping[str, Any]:
    """Return the members of a deviation."""
    return {
        "kind": deviation.kind.value,
        "subject": deviation.subject,
        "program": deviation.program,
        "pid": deviation.pid,
        "in_image": deviation.in_image,
        "use": deviation.use,
        "errno": deviation.errno,
        "removed_by": _reason(deviation.removed_by),
        "fix": deviation.fix,
    }


def _reason(reason: Reason | None) -> Mapping[str, str | None] | None:
    if reason is None:
        return None
    return {"code": reason.code, "detail": reason.detail, "because": reason.because}


def totals(drift: Drift) -> Mapping[str, Any]:
    """Return the members of the end: what deviated how often, and what was lost."""
    return {
        "deviations": [
            {
                "kind": each.deviation.kind.value,
                "subject": each.deviation.subject,
                "count": each.count,
            }
            for each in drift.counted
        ],
        "unlisted": {kind.value: drift.unlisted.get(kind, 0) for kind in DriftKind},
        "losses": losses(drift),
    }


def losses(drift: Drift) -> Mapping[str, int]:
    """Return the losses that there were."""
    return {name: count for name, count in sorted(drift.losses.items()) if count}
