"""Terminal view of an incident."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.incident import Fix, Incident, IncidentImage, Standing
from careen.report.terminal_output.figures import counted, duration
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

_STYLES = {
    Standing.WAITING: "dim",
    Standing.FIXED: "bold green",
    Standing.LEFT: "yellow",
    Standing.FAILED: "bold red",
    Standing.ROLLED_BACK: "yellow",
}
_LISTENS = {True: "listens", False: "", None: "not known"}


def print_incident(console: Console, incident: Incident) -> None:
    """Print the incident; its headline alone says how far it is."""
    signs = signs_of(console)
    put(console, headline(incident))
    console.print()
    head = ("wave", "image", "use", "listener", "fix", "state", "result")
    rows = (_row(image, signs) for image in incident.images)
    put(console, table(rows, right=(0,), head=head, fill=(1,)))
    told = (
        (shown(image.tag, signs), shown(text, signs))
        for image in incident.images
        if (text := _told(image))
    )
    section(console, "Reasons", table(told, fill=(0, 1)))
    section(
        console,
        "Affected, and made by no entry of the list",
        (shown(name, signs) for name in incident.unlisted),
    )
    section(
        console,
        "Not known: the store has no answer for them",
        (shown(tag, signs) for tag in incident.unanswered),
    )
    section(console, "Next", (shown(step, signs) for step in _next(incident)))


def headline(incident: Incident) -> Text:
    """Return the number of images in each state, in one line."""
    counts = {each: sum(i.standing is each for i in incident.images) for each in Standing}
    parts = [f"{count:,} {each.value}" for each, count in counts.items() if count]
    style = (
        "bold red"
        if counts[Standing.FAILED]
        else "bold green"
        if counts[Standing.FIXED] == len(incident.images) and not incident.unanswered
        else "bold yellow"
    )
    seconds = sum(image.seconds for image in incident.images)
    spent = f"; {duration(seconds)} of work" if seconds else ""
    return Text.assemble(
        (f"{incident.identifier}: {counted(len(incident.images), 'affected image')}", style),
        f": {', '.join(parts)}{spent}" if parts else "",
        overflow="fold",
    )


def _row(image: IncidentImage, signs: Signs) -> tuple[str | Text, ...]:
    digest = next(iter(image.after.values()), "")
    return (
        str(image.wave),
        shown(image.tag, signs),
        shown(image.use, signs),
        _LISTENS[image.listens],
        image.fix.value,
        Text(image.standing.value, style=_STYLES[image.standing]),
        shown(short_digest(digest), signs) if digest else "",
    )


def _told(image: IncidentImage) -> str:
    """Return why an image stands where it does, and what VEX states of its result."""
    is_over = image.standing is Standing.FIXED and image.fix is not Fix.REMOVE
    why = image.detail or ("" if is_over else image.why)
    return "; ".join(filter(None, (why, f"VEX: {image.vex}" if image.vex else "")))


def _next(incident: Incident) -> Iterator[str]:
    if incident.unknown:
        yield (
            f"of {counted(incident.unknown, 'image')} the store does not know whether the package"
            f" is in it: careen fleet who-has {incident.identifier} says why"
        )
    for image in incident.images:
        if image.standing is Standing.FAILED and image.evidence:
            yield f"{image.tag}: the evidence is in {image.evidence}"
    if any(image.standing in (Standing.WAITING, Standing.FAILED) for image in incident.images):
        yield f"careen fleet incident run {incident.identifier} IMAGES.toml goes on"
