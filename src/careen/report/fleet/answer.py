"""The answer of `careen fleet who-has` as a table, as lines and as CSV."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from careen.formats.csv_text import csv_bytes
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Answer, Hit, Unknown
from careen.report.terminal_output.figures import counted, number
from careen.report.terminal_output.screen import UNICODE, Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

SHOWN = 40
"""Rows of a table without --all."""
_STYLES = {Grade.EXECUTED: "red", Grade.LOADED: "yellow", Grade.NOT_KNOWN: "magenta"}
_OTHERS = ("WORKLOAD", "LISTENS", "RUNNING", "VEX", "SIGNED BY")
_COLUMNS = (
    "image",
    "name",
    "what",
    "version",
    "path",
    "grade",
    "workload",
    "program",
    "ports",
    "why",
    "inventory",
    "profile",
    "state",
    "running",
    "vex",
    "signer",
)
_KEY, _SHORT = "key SHA256:", 12


def print_answer(console: Console, answer: Answer, *, everything: bool) -> None:
    """Print the images by grade, those of which it is not known, and the notes."""
    signs = signs_of(console)
    put(console, Text(shown(summary(answer), signs), style="bold"))
    hits = answer.hits if everything else answer.hits[:SHOWN]
    shared = _shared_package(answer.hits)
    head = ("GRADE", "IMAGE", "VERSION" if shared else "WHAT", *_OTHERS)
    rows = (_row(hit, signs, shared) for hit in hits)
    title = shown(f"Images with {shared}", signs) if shared else "Images"
    # An empty column would take the room that the names of images need.
    found = table(rows, head=head, fill=(1, 2, 6, 7), optional=range(3, len(head)))
    section(console, title, found)
    if len(hits) < len(answer.hits):
        put(console, f"  {signs.ellipsis} {len(answer.hits) - len(hits):,} more rows: --all")
    unknown = [
        (number(each.images), shown(each.why, signs), shown(", ".join(each.examples), signs))
        for each in answer.not_known
    ]
    section(
        console,
        "Not known",
        table(unknown, right=(0,), head=("IMAGES", "WHY", "FOR EXAMPLE"), fill=(1, 2)),
    )
    section(console, "Notes", (shown(note, signs) for note in (*_limits(answer), *answer.notes)))


def summary(answer: Answer) -> str:
    """Return the answer in one line, with the number of images of which it is not known."""
    grades = ", ".join(f"{number(count)} {grade.value}" for grade, count in _grades(answer))
    unknown = sum(each.images for each in answer.not_known)
    return (
        f"{answer.question}: {number(answer.affected)} of {counted(answer.images, 'image')}"
        + (f" ({grades})" if grades else "")
        + f"; not known for {number(unknown)}"
    )


def _limits(answer: Answer) -> Iterator[str]:
    """Yield why grades of images are not known or may be stronger, with the number of images."""
    found: dict[tuple[str, str], set[str]] = {}
    for hit in answer.hits:
        if hit.why:
            words = "use not known" if hit.grade is Grade.NOT_KNOWN else "at least"
            found.setdefault((words, hit.why), set()).add(hit.image)
    for (words, why), images in found.items():
        yield f"{words}, for {counted(len(images), 'image')}: {why}"


def _grades(answer: Answer) -> Iterator[tuple[Grade, int]]:
    """Yield the grades with the number of images that have it as their strongest."""
    best: dict[str, Grade] = {}
    for hit in answer.hits:
        known = best.get(hit.image)
        if known is None or hit.grade.number > known.number:
            best[hit.image] = hit.grade
    for grade in Grade:
        if count := sum(1 for each in best.values() if each is grade):
            yield grade, count


def answer_lines(answer: Answer) -> Iterator[str]:
    """Yield one line for each hit, its parts separated by two spaces."""
    for hit in answer.hits:
        yield shown(f"{hit.grade.value}  {hit.image}  {hit.name}  {hit.what}", UNICODE)


def answer_csv(answer: Answer) -> bytes:
    """Return the hits as CSV, and a row `not known` for each reason, with its count as `what`."""
    rows = [
        (
            hit.image,
            hit.name,
            hit.what,
            hit.version,
            hit.path,
            hit.grade.value,
            hit.workload,
            hit.program,
            _ports(hit),
            hit.why,
            hit.inventory,
            hit.profile,
            hit.state,
            "" if hit.running is None else str(hit.running),
            hit.vex,
            hit.signer,
        )
        for hit in answer.hits
    ]
    unknown = [
        [_of_unknown(each).get(column, "") for column in _COLUMNS] for each in answer.not_known
    ]
    return csv_bytes(_COLUMNS, (*rows, *unknown))


def _of_unknown(each: Unknown) -> dict[str, str]:
    return {"what": f"{each.images} images", "grade": Grade.NOT_KNOWN.value, "why": each.why}


def _shared_package(hits: Iterable[Hit]) -> str:
    """Return the package that all `hits` are versions of; empty for several, and for files."""
    names = {_package(hit) if hit.version else "" for hit in hits}
    return names.pop() if len(names) == 1 else ""


def _row(hit: Hit, signs: Signs, shared: str) -> tuple[str | Text, ...]:
    name = hit.name.partition("@sha256:")[0]
    image = hit.name if hit.name == hit.image else f"{name} {short_digest(hit.image)}"
    return (
        Text(hit.grade.value, style=_STYLES.get(hit.grade, "")),
        shown(image, signs),
        shown(hit.version if shared else _what(hit), signs),
        shown(hit.workload, signs),
        _ports(hit),
        "" if hit.running is None else str(hit.running),
        shown(hit.vex, signs),
        shown(_signer(hit.signer), signs),
    )


def _signer(signer: str) -> str:
    """Return a signer, a key by the first characters of its digest, as images are."""
    alone = signer.startswith(_KEY) and ", " not in signer
    return signer[: len(_KEY) + _SHORT] if alone else signer


def _what(hit: Hit) -> str:
    """Return a package as its purl's name and its version, a file as its path."""
    if hit.what.startswith("sha256:"):
        return hit.path
    return f"{_package(hit)} {hit.version}" if hit.version else f"{_package(hit)}  {hit.path}"


def _package(hit: Hit) -> str:
    """Return the type, namespace and name of the package; empty for a file."""
    if hit.what.startswith("sha256:"):
        return ""
    return hit.what.removeprefix("pkg:").partition("?")[0].partition("@")[0]


def _ports(hit: Hit) -> str:
    if hit.ports is None:
        return "not known"
    return " ".join(map(str, hit.ports))
