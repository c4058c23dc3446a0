"""What was done to an image, as its record states it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """An image: the name that the user gave, and its digest."""

    reference: str
    digest: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to an image.

    `kind` is "hardened", "attested" or "promoted" (to more places). Sizes (bytes) and numbers of
    findings are None where the event does not state them, or no package was compared.
    `manifest_sha256` names the evidence in `report`.
    """

    kind: str
    time: str
    careen: str
    image: Named
    result: Named
    promoted: tuple[str, ...]
    manifest_sha256: str
    report: str
    size_before: int | None = None
    size_after: int | None = None
    findings_before: int | None = None
    findings_after: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The events of an image, oldest first, of one file.

    `broken` are the numbers of lines that do not follow the line before (1 is the first).
    `incomplete`: the last line has no end, as after a run that was killed while it wrote.
    """

    file: str
    events: tuple[Event, ...]
    broken: tuple[int, ...] = ()
    incomplete: bool = False
