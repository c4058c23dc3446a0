"""What the image says of where it comes from."""

from collections.abc import Iterable, Mapping

from careen.compliance.check import Check, Decision, failed, manual, not_evaluable, passed
from careen.compliance.secrets.hide import shortened
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_PREFIX = "org.opencontainers.image."
_BASE = (f"{_PREFIX}base.name", f"{_PREFIX}base.digest")
_ORIGIN = (f"{_PREFIX}source", f"{_PREFIX}revision")
_LONGEST = 300


def _stated(subject: Subject) -> Mapping[str, str]:
    """Return labels and annotations; annotations of the manifest count more."""
    labels = (subject.config.document.get("config") or {}).get("Labels")
    named = labels if isinstance(labels, Mapping) else {}
    return {str(key): str(value) for key, value in {**named, **subject.image.annotations}.items()}


def _shown(stated: Mapping[str, str], names: Iterable[str]) -> list[Evidence]:
    there = (name for name in names if stated.get(name))
    return [Evidence(name, shortened(stated[name], _LONGEST)) for name in there]


def _base(subject: Subject) -> Decision:
    stated = _stated(subject)
    found = _shown(stated, _BASE)
    if not found:
        return not_evaluable(f"the image does not state its base ({' or '.join(_BASE)})")
    return manual("the base is stated; whether it is trusted is for you to judge", found)


def _origin(subject: Subject) -> Decision:
    stated = _stated(subject)
    found = _shown(stated, _ORIGIN)
    missing = [name for name in _ORIGIN if not stated.get(name)]
    if missing:
        return failed(f"the image does not state {' and '.join(missing)}", found)
    return passed("source and revision are stated", found)


CHECKS = (
    Check(
        id="base-stated",
        title="The image states the base that it was built on",
        reads="configuration: Labels; annotations of the manifest",
        fix=f"Set the annotations {' and '.join(_BASE)} (buildkit does with provenance).",
        command="docker image inspect --format '{{json .Config.Labels}}' IMAGE",
        decide=_base,
    ),
    Check(
        id="origin-stated",
        title="The image states the source and the revision that it was built from",
        reads="configuration: Labels; annotations of the manifest",
        fix=f"Set the labels {' and '.join(_ORIGIN)}.",
        command="docker image inspect --format '{{json .Config.Labels}}' IMAGE",
        decide=_origin,
    ),
)
