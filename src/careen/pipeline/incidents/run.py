"""Work an incident off: wave by wave, most urgent image first, each verified before its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from careen.errors import CareenError, VerificationError
from careen.model.findings.triage import Triaged
from careen.model.incident import Fix, Incident, IncidentImage, Remedy, Standing
from careen.model.integration import Outcome
from careen.pipeline.incidents.reasons import is_worth_trying, why_left
from careen.pipeline.incidents.state import write_incident
from careen.pipeline.incidents.stated import stated, with_remedy
from careen.pipeline.incidents.update import Images
from careen.pipeline.run.timestamp import now
from careen.pipeline.watching.image_list import Watched
from careen.report.verdict_line import VERIFIED

_NAMED = 400  # characters of a failure
_GONE = "no entry of the list makes this tag any more"
_STATUSES = {Standing.FAILED: 1, Standing.LEFT: 3}
_OVER = (Standing.FIXED, Standing.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run ends before its last image.

    After `failures` images that failed in it; after wave `wave` (None: the last one).
    """

    failures: int = 1
    wave: int | None = None


def run_incident(
    incident: Incident,
    listed: Mapping[str, Watched],
    images: Images,
    limits: Limits,
    state: Path,
    say: Callable[[str], None],
) -> Incident:
    """Fix, verify and promote each image that is not fixed yet, and return the incident.

    `listed` are the entries by tag. The incident's file is written before and after each image; a
    failure of one image is its standing. Raises InputError if the file cannot be written.
    """

    def keep(place: int, image: IncidentImage) -> Incident:
        kept = incident.with_image(place, image)
        write_incident(state, kept)
        return kept

    failed = 0
    for i, image in enumerate(incident.images):
        if image.standing in _OVER:
            continue
        if failed >= limits.failures or (limits.wave is not None and image.wave > limits.wave):
            break
        say(f"wave {image.wave}, {i + 1:,} of {len(incident.images):,}: {image.tag}")
        watched = listed.get(image.tag)
        if watched is None:
            done = replace(image, standing=Standing.FAILED, detail=_GONE, status=1)
        else:
            try:
                # What a name meant before must outlive a run that is killed after its promotion.
                remedy = images.known(watched, image).remedy
                begun = _begun(with_remedy(image, remedy), watched, images)
                incident = keep(i, begun)
                done = _Fixing(incident.identifier, watched, images).fix(begun, remedy)
            except CareenError as error:
                status = error.exit_status
                done = replace(
                    incident.images[i], standing=Standing.FAILED, detail=str(error), status=status
                )
        failed += done.standing is Standing.FAILED
        incident = keep(i, done)
        if watched is not None:
            incident = keep(i, stated(incident, i, watched, images, state))
    return incident


def _begun(image: IncidentImage, watched: Watched, images: Images) -> IncidentImage:
    """Return the image with what its names meant before the first try."""
    if image.begun:
        return image
    return replace(image, begun=now(), before=images.names(watched))


@dataclass(frozen=True, slots=True)
class _Fixing:
    """The fix of one image."""

    identifier: str
    watched: Watched
    images: Images

    def fix(self, image: IncidentImage, remedy: Remedy) -> IncidentImage:
        """Do what helps, and return where the image stands then."""
        watched, images = self.watched, self.images
        if remedy.fix is not Fix.NOT_KNOWN:
            # Written down first: a run after a kill must not bring the files back.
            images.remove(watched, remedy.removes)
        outcome = images.update(watched, fixes=_wanted(self.identifier, image, remedy))
        if remedy.fix is Fix.REMOVE and (refused := _refused(self.identifier, outcome)):
            images.remove(watched, ())
            spent = round(image.seconds + outcome.seconds, 3)
            image = replace(image, refused=refused, seconds=spent)
            remedy = images.known(watched, image).remedy
            outcome = images.update(watched)
        standing, detail = _judged(self.identifier, outcome, remedy)
        return replace(
            with_remedy(image, remedy),
            standing=standing,
            detail=detail,
            after=images.names(watched),
            status=outcome.status or _STATUSES.get(standing, 0),
            seconds=round(image.seconds + outcome.seconds, 3),
            evidence=outcome.evidence,
        )


def _refused(identifier: str, outcome: Outcome) -> str:
    """Return why the files of a package cannot go, "" if they are gone or something else failed."""
    if outcome.status == VerificationError.exit_status and outcome.failure:
        return f"without its files: {outcome.failure[:_NAMED]}"
    report = outcome.report
    left = report is not None and any(_is(identifier, item) for item in report.findings)
    came_back = "a file that is kept needs its files, or verification put them back"
    return came_back if left and not outcome.failure else ""


def _wanted(identifier: str, image: IncidentImage, remedy: Remedy) -> tuple[str, ...]:
    """Return what is asked for again of an image that was left, though nothing has changed."""
    left = image.standing is Standing.LEFT and remedy.fix is Fix.UPGRADE
    return (identifier,) if left and is_worth_trying(Path(image.evidence), identifier) else ()


def _judged(identifier: str, outcome: Outcome, remedy: Remedy) -> tuple[Standing, str]:
    """Return where an image stands after its update, and why."""
    if outcome.failure:
        return Standing.FAILED, outcome.failure
    if outcome.report is None:
        return Standing.FAILED, "no advisory database says whether it is fixed"
    left = [item for item in outcome.report.findings if _is(identifier, item)]
    if left and remedy.fix is Fix.NONE:
        return Standing.LEFT, f"still in {remedy.why}"
    if left:
        packages = dict.fromkeys(f"{item.finding.name} {item.finding.version}" for item in left)
        names = {name for item in left for name in item.finding.identifiers}
        why = why_left(outcome, names) or "; ".join(outcome.decision.reasons)
        return Standing.LEFT, f"still in {', '.join(packages)}: {why}"
    excused = [each for each in outcome.report.suppressed if _is(identifier, each.triaged)]
    if excused:
        told = dict.fromkeys(f"{each.by}: {each.reason}" for each in excused)
        return Standing.LEFT, f"not counted, by {'; '.join(told)}"
    if outcome.status:
        return Standing.FAILED, "fixed, but a finding crosses a threshold of its careen.toml"
    return Standing.FIXED, "" if outcome.done in ("", VERIFIED) else outcome.done


def _is(identifier: str, item: Triaged) -> bool:
    return identifier in map(str.upper, item.finding.identifiers)
