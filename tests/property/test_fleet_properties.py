"""`who-has` equals a reading of all SBOMs and RBOMs, one by one, over random questions in seven
ecosystems.
"""

import json
import operator
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from packageurl import PackageURL

from careen.formats.versions import UnreadableVersionError, scheme_of_packages
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Filters
from careen.model.packages.package import Ecosystem
from careen.model.runs.trace import Use
from tests.support.fleet import JAVA, Fleet, rbom, sbom, used

QUESTIONS = 1000
IMAGES = 40
NAMES: Mapping[str, Sequence[tuple[str, str]]] = {
    "deb": (("debian", "openssl"), ("debian", "libc6"), ("ubuntu", "openssl")),
    "apk": (("alpine", "openssl"), ("wolfi", "openssl")),
    "rpm": (("redhat", "openssl-libs"), ("fedora", "glibc")),
    "pypi": (("", "torch"), ("", "ruamel-yaml")),
    "npm": (("", "left-pad"), ("@scope", "left-pad")),
    "maven": (("org.apache.logging.log4j", "log4j-core"), ("log4j", "log4j")),
    "golang": (("github.com/acme", "tool"), ("golang.org/x", "net")),
}
VERSIONS: Mapping[str, Sequence[str]] = {
    "deb": ("1.0-1", "1.0-1+deb12u1", "1.0~rc1-1", "2:0.9-1", "1.10-1", "1.9-1"),
    "apk": ("1.0-r0", "1.0_rc1-r0", "1.0-r1", "1.10-r0", "1.9.1-r3"),
    "rpm": ("1.0-1.el9", "1.0-1.el9_2", "1:0.5-2", "1.10-1", "1.9~rc1-1"),
    "pypi": ("1.0", "1.0.0", "1.0rc1", "1.0.post1", "2!0.1", "1.10", "1.9+cpu", "odd version"),
    "npm": ("1.0.0", "1.0.0-rc.1", "1.10.0", "1.9.0", "2.0.0-beta", "x"),
    "maven": ("1.0", "1.0-SNAPSHOT", "1.0-rc1", "2.14.1", "2.17.1", "2.2", "1.0.0"),
    "golang": ("v1.0.0", "v1.0.0-pre", "v1.10.0", "v1.9.0", "v0.0.0-20200101000000-abcdef123456"),
}
WORDS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Listed(NamedTuple):
    """A package of an image, and how the image uses it."""

    purl: PackageURL
    image: str
    text: str
    grade: str
    listens: bool


def documents(rng: random.Random, fleet: Fleet) -> list[tuple[dict[str, Any], Any]]:
    """Write the documents of all images; return them as JSON objects: SBOM, and RBOM or None."""
    out = []
    for number in range(IMAGES):
        purls = sorted(
            {
                PackageURL(
                    kind, *rng.choice(NAMES[kind])[:2], rng.choice(VERSIONS[kind])
                ).to_string()
                for kind in rng.choices(list(NAMES), k=rng.randrange(12))
            }
        )
        inventory = sbom(number, purls)
        fleet.write(f"{number}/sbom.cdx.json", inventory)
        profile = None
        if purls and rng.random() < 0.7:
            files = [
                used(
                    f"/f{i}",
                    rng.choice([Use.EXECUTED, Use.MAPPED, Use.OPENED]),
                    purl,
                    program=rng.choice([JAVA, "/bin/other"]),
                )
                for i, purl in enumerate(rng.choices(purls, k=rng.randrange(1, 6)))
            ]
            profile = rbom(number, files, [(8080, "/bin/other")] if rng.random() < 0.5 else [])
            if rng.random() < 0.2:
                profile = profile.replace(b'"ring_full":0', b'"ring_full":1')
        # A file without a package: its image has a profile, and no package of it was used.
        fleet.write(f"{number}/rbom.json", profile or rbom(number + 1000, [used("/x", Use.OPENED)]))
        out.append((json.loads(inventory), None if profile is None else json.loads(profile)))
    return out


def in_range(kind: str, version: str, bounds: Sequence[tuple[str, str]]) -> bool | None:
    """Return whether a version meets all bounds, None if it cannot be compared."""
    scheme = scheme_of_packages(Ecosystem(kind))
    assert scheme is not None
    try:
        return all(WORDS[word](scheme.place(version, bound), 0) for word, bound in bounds)
    except UnreadableVersionError:
        return None


def grade(purl: str, profile: Any) -> tuple[str, bool]:
    """Return the strongest use of a package by an RBOM, and whether its program listens."""
    if profile is None:
        return "not known", False
    best, listens = 0, False
    bound = {each["executable"] for each in profile["endpoints"] if each["direction"] == "bind"}
    for file in profile["files"]:
        if purl in [profile["packages"][number]["purl"] for number in file.get("packages", [])]:
            for use in file["uses"]:
                strength = 3 if use["use"] in ("executed", "mapped") else 1
                best = max(best, strength)
                program = profile["executables"][use["executable"]]
                programs = {program, file["path"]} if use["use"] == "executed" else {program}
                listens |= strength == 3 and bool(programs & bound)
    complete = not any(profile["runs"][0]["sensor"]["losses"].values())
    words = {3: "executed", 1: "opened", 0: "not known"}
    # A package of which no file is known was not seen, which proves nothing.
    return words[best] if best or complete else "not known", listens


def listed(images: Sequence[tuple[dict[str, Any], Any]]) -> list[Listed]:
    """Return every package of every image, with what its RBOM says of it."""
    return [
        Listed(
            PackageURL.from_string(component["purl"]),
            document["metadata"]["component"]["version"],
            component["purl"],
            *grade(component["purl"], profile),
        )
        for document, profile in images
        for component in document["components"]
    ]


def question(rng: random.Random) -> tuple[str, tuple[str, str, str], list[tuple[str, str]]]:
    """Return a question, the type, namespace and name in it, and its bounds."""
    kind = rng.choice(list(NAMES))
    namespace, name = rng.choice(NAMES[kind])
    readable = [each for each in VERSIONS[kind] if each not in ("odd version", "x")]
    bounds = [(rng.choice(list(WORDS)), rng.choice(readable)) for _ in range(rng.randrange(3))]
    text = PackageURL(kind, namespace, name).to_string()
    text += ",".join(f"{word}{bound}" for word, bound in bounds)
    return text, (kind, namespace, name), bounds


def test_who_has_equals_a_reading_of_all_documents(tmp_path: Path) -> None:
    rng = random.Random(26)  # noqa: S311
    fleet = Fleet(tmp_path)
    everything = listed(documents(rng, fleet))
    assert fleet.index().refused == ()
    for _ in range(QUESTIONS):
        text, named, bounds = question(rng)
        of_name = [
            (each, in_range(named[0], each.purl.version or "", bounds))
            for each in everything
            if (each.purl.type, each.purl.namespace or "", each.purl.name) == named
        ]
        expected = [each for each, inside in of_name if inside]
        unread = {each.image for each, inside in of_name if inside is None}
        found = fleet.ask(text)
        assert {(hit.image, hit.what): hit.grade.value for hit in found.hits} == {
            (each.image, each.text): each.grade for each in expected
        }, text
        unknown = [each.images for each in found.not_known if "compared" in each.why]
        assert sum(unknown) == len(unread - {each.image for each in expected}), text
        filters = rng.choice((Filters(grade=Grade.EXECUTED), Filters(listening=True)))
        assert {(hit.image, hit.what) for hit in fleet.ask(text, filters).hits} == {
            (each.image, each.text)
            for each in expected
            if (each.listens if filters.listening else each.grade == "executed")
        }, text
