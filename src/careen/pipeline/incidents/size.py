"""How large an incident is before it is run."""

from collections.abc import Mapping
from pathlib import Path

from careen.errors import CareenError
from careen.model.incident import Fix, Incident, IncidentImage, Standing
from careen.pipeline.incidents.run import Limits
from careen.pipeline.integrating.state import read_state
from careen.pipeline.watching.image_list import Watched


def size_of(incident: Incident, listed: Mapping[str, Watched], state: Path, limits: Limits) -> str:
    """Return how many images wait in each wave, and how long their last runs took."""
    waiting = [
        image
        for image in incident.images
        if image.standing not in (Standing.FIXED, Standing.ROLLED_BACK)
        and (limits.wave is None or image.wave <= limits.wave)
    ]
    waves = [
        f"wave {wave}: {count:,}"
        for wave in (1, 2, 3)
        if (count := sum(image.wave == wave for image in waiting))
    ]
    work = [image for image in waiting if image.fix is not Fix.NONE]
    times = [
        seconds
        for image in work
        if image.tag in listed and (seconds := _last(state / listed[image.tag].key)) is not None
    ]
    lines = [
        f"{incident.identifier}: {len(waiting):,} images to fix ({', '.join(waves) or 'none'})"
    ]
    if times:
        lines.append(
            f"the last runs of {len(times):,} of them took {sum(times):,.0f} s, one after the other"
        )
    if len(times) < len(work):
        lines.append(f"how long {len(work) - len(times):,} of them take is not known")
    if len(work) < len(waiting):
        lines.append(f"{len(waiting) - len(work):,} of them are looked at, and nothing is run")
    fixes = ", ".join(
        f"{fix.value}: {count:,}"
        for fix in Fix
        if (count := sum(image.fix is fix for image in waiting))
    )
    lines.extend([f"fixes: {fixes}"] if fixes else [])
    lines.extend(map(_line, waiting))
    return "\n".join(lines)


def _line(image: IncidentImage) -> str:
    why = f": {image.why}" if image.why else ""
    return f"{image.wave}  {image.tag}  {image.use}  {image.fix.value}{why}"


def _last(folder: Path) -> float | None:
    try:
        stored = read_state(folder)
    except CareenError:
        return None
    return None if stored is None or not stored.milliseconds else stored.milliseconds / 1000
