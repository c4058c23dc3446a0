"""Writer of `platforms.json` (docs/schema/platforms-1.schema.json)."""

import json
from typing import Any

from careen.model.platforms import PlatformResult, PlatformsResult
from careen.report.documents.document import to_json
from careen.report.documents.summary import summary_json

FORMAT = "careen-platforms"
VERSION = 1


def platforms_json(result: PlatformsResult) -> bytes:
    """Return the document's bytes. What is unknown is null, never 0."""
    return to_json(
        {
            "format": FORMAT,
            "version": VERSION,
            "reference": result.reference,
            "original_digest": result.original_digest,
            "digest": result.digest,
            "promoted": list(result.promoted),
            "platforms": [_platform(each) for each in result.platforms],
            "left_out": list(result.left_out),
            "report_directory": result.report_directory,
            "seconds": round(result.seconds, 3),
        }
    )


def _platform(each: PlatformResult) -> dict[str, Any]:
    return {
        "platform": each.platform,
        "made": each.made.value,
        "why": each.why or None,
        "original_digest": each.original_digest,
        "digest": each.digest,
        "original_bytes": each.before,
        "bytes": each.after,
        "removed_packages": list(each.removed),
        "attestations": {"original": each.attestations, "carried": each.attestations_carried},
        "summary": None if each.summary is None else json.loads(summary_json(each.summary)),
    }
