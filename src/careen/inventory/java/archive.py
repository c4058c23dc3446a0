"""One Java archive: its own name, shaded artifacts, and nested archives."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from careen.errors import ImageError
from careen.formats.identity import check_identity, shown
from careen.formats.pom import Pom
from careen.formats.zip_reader import ZipArchive
from careen.inventory.java.names import (
    MAX_MANIFEST,
    JavaCoordinates,
    guessed,
    main_section,
    says,
    split_stem,
)
from careen.inventory.java.pom import MAX_POM, read_pom, read_properties, resolve

ARCHIVES = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".rar", ".hpi", ".jpi", ".kar", ".lpkg")
CONTAINERS = (*ARCHIVES, ".zip")
# Bytes of a packed nested archive, which is held in memory; half in each further level. Stored ones
# are read in place.
MAX_NESTED = 192 << 20
MAX_INSIDE = 5000  # nested archives directly in one
MAX_POMS = 2000  # per archive
_POM = re.compile(r"(?:.*/)?META-INF/maven/([^/]+)/([^/]+)/pom\.(properties|xml)\Z", re.DOTALL)

Report = Callable[[str], None]
"""Receives the reason why something inside could not be read."""


@dataclass(frozen=True, slots=True)
class Component:
    """One artifact; `inside` is its path within the archive on disk (`WEB-INF/lib/a.jar`), or "".

    `own` is False for shaded artifacts.
    """

    name: JavaCoordinates
    inside: str
    own: bool
    licence: str = ""


@dataclass(frozen=True, slots=True)
class _Stated:
    """The statements of one pom in an archive."""

    name: JavaCoordinates
    licence: str


def read_archive(
    archive: ZipArchive, file_name: str, known: JavaCoordinates | None, report: Report
) -> Iterator[Component]:
    """Yield the artifacts of an archive, itself first.

    `known` is the name that its path states. Problems go to `report`; raises nothing.
    """
    stem, _, extension = file_name.rpartition(".")
    if f".{extension.lower()}" in ARCHIVES:
        yield from _identified(archive, stem, known, "", report)
    yield from _nested(archive, "", MAX_NESTED, report)


def _nested(archive: ZipArchive, inside: str, limit: int, report: Report) -> Iterator[Component]:
    names = [name for name in archive.names() if name.lower().endswith(ARCHIVES)]
    if len(names) > MAX_INSIDE:
        report(f"{len(names)} archives within {inside or 'it'}; the first {MAX_INSIDE} are read")
    for name in names[:MAX_INSIDE]:
        way = f"{inside}!{shown(name)}" if inside else shown(name)
        try:
            with archive.open_nested(name, limit) as nested:
                yield from _identified(
                    nested, name.rpartition("/")[2].rpartition(".")[0], None, way, report
                )
                yield from _nested(nested, way, limit // 2, report)
        except ImageError as error:
            report(str(error))


def _identified(
    archive: ZipArchive, stem: str, known: JavaCoordinates | None, inside: str, report: Report
) -> Iterator[Component]:
    manifest = _manifest(archive, report)
    stated = _stated(archive, report)
    own = _own(stated, stem, manifest)
    if own is not None:
        yield Component(own.name, inside, own=True, licence=own.licence)
    elif (name := known or guessed(stem, manifest, archive.names())) is not None:
        yield Component(name, inside, own=True, licence=_short(manifest.get("Bundle-License", "")))
    else:
        report(
            f"{inside or stem[:200]!r}: neither its name nor its manifest nor a pom says what it"
            " is, with a version"
        )
    for pom in stated:
        if pom is not own:
            yield Component(pom.name, inside, own=False, licence=pom.licence)


def _manifest(archive: ZipArchive, report: Report) -> Mapping[str, str]:
    name = next(
        (name for name in ("META-INF/MANIFEST.MF", "meta-inf/manifest.mf") if name in archive), None
    )
    if name is None:
        return {}
    try:
        return main_section(archive.read(name, MAX_MANIFEST))
    except ImageError as error:
        report(str(error))
        return {}


def _stated(archive: ZipArchive, report: Report) -> list[_Stated]:
    """Return the names that the poms state, each artifact once, pom.properties before pom.xml."""
    places: dict[tuple[str, str], dict[str, str]] = {}
    for name in archive.names():
        match = _POM.match(name)
        if match is None:
            continue
        if len(places) >= MAX_POMS:
            report(f"more than {MAX_POMS} poms in one archive; the others are passed over")
            break
        places.setdefault((match.group(1), match.group(2)), {}).setdefault(match.group(3), name)
    poms: dict[tuple[str, str], Pom] = {}
    for key, names in places.items():
        if "xml" in names:
            try:
                poms[key] = read_pom(archive.read(names["xml"], MAX_POM), shown(names["xml"]))
            except ImageError as error:
                report(str(error))
    out: dict[tuple[str, str, str], _Stated] = {}
    for key, names in places.items():
        try:
            found = _coordinates(archive, key, names, poms)
        except ImageError as error:
            report(str(error))
            continue
        licence = _short(" OR ".join(poms[key].licences)) if key in poms else ""
        out.setdefault((found.group, found.artifact, found.version), _Stated(found, licence))
    return list(out.values())


def _coordinates(
    archive: ZipArchive,
    key: tuple[str, str],
    names: Mapping[str, str],
    poms: Mapping[tuple[str, str], Pom],
) -> JavaCoordinates:
    group, artifact, version = (
        read_properties(archive.read(names["properties"], MAX_POM))
        if "properties" in names
        else ("", "", "")
    )
    evidence = "pom.properties"
    if "${" in version or not (group and artifact and version):
        evidence = "pom.xml"
        inherited = (
            resolve(poms[key], poms, shown(names.get("xml", ""))) if key in poms else ("", "", "")
        )
        group, artifact, version = (
            group or inherited[0] or key[0],
            artifact or inherited[1] or key[1],
            inherited[2],
        )
    where = shown(next(iter(names.values())))
    check_identity(group, version, where)
    check_identity(artifact, version, where)
    return JavaCoordinates(group, artifact, version, evidence)


def _own(stated: list[_Stated], stem: str, manifest: Mapping[str, str]) -> _Stated | None:
    """Return the archive's own pom, or None."""
    # The longest name that file name or manifest confirm.
    named = [item for item in stated if says(stem, item.name.artifact, manifest)]
    if named:
        return max(named, key=lambda item: len(item.name.artifact))
    # A single pom is the own one, unless the file name states another version: then it was shaded
    # into something that was built without Maven.
    if len(stated) == 1 and split_stem(stem)[1] in ("", stated[0].name.version):
        return stated[0]
    return None


def _short(text: str) -> str:
    return text[:200] if text.isprintable() else ""
