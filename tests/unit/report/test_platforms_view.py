"""What is printed and written of a hardened index."""

import io
import json
from dataclasses import replace

import jsonschema
import referencing
from rich.console import Console

from careen.model.platforms import Made, PlatformResult, PlatformsResult
from careen.report.documents.platforms import platforms_json
from careen.report.views.platforms import final_lines, print_platforms
from tests.support.schemas import FOLDER
from tests.support.summaries import SUMMARY

OLD, NEW = "sha256:" + "0" * 64, "sha256:" + "1" * 64
EMULATED = replace(SUMMARY, sensor=replace(SUMMARY.sensor, emulated=True))
RESULT = PlatformsResult(
    "docker://r.example/app:1",
    OLD,
    NEW,
    (f"docker://r.example/app:1-hardened@{NEW}",),
    (
        PlatformResult(
            "linux/amd64",
            Made.NATIVE,
            OLD,
            NEW,
            before=200,
            after=100,
            attestations=1,
            summary=SUMMARY,
        ),
        PlatformResult(
            "linux/arm64", Made.EMULATED, OLD, NEW, before=200, after=120, summary=EMULATED
        ),
        PlatformResult(
            *("linux/s390x", Made.DERIVED, OLD, NEW, "no handler of binfmt_misc runs s390x"),
            before=200,
            after=150,
            removed=("perl-base", "tar"),
        ),
        PlatformResult(
            "windows/amd64",
            Made.KEPT,
            OLD,
            OLD,
            "careen runs Linux images, not windows",
            attestations=2,
        ),
    ),
    ("linux/386",),
    "careen-out/app",
    12.5,
)


def text(result: PlatformsResult = RESULT) -> str:
    console = Console(file=io.StringIO(), width=160)
    print_platforms(console, result)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def rows(printed: str) -> dict[str, list[str]]:
    lines = (
        line.split() for line in printed.splitlines() if line.startswith(("linux/", "windows"))
    )
    table: dict[str, list[str]] = {}
    for platform, *words in lines:
        table.setdefault(platform, words)
    return table


def test_every_platform_says_how_it_came_about() -> None:
    made = {platform: words[0] for platform, words in rows(text()).items()}
    assert made == {
        "linux/amd64": "native",
        "linux/arm64": "emulated",
        "linux/s390x": "derived",
        "windows/amd64": "kept",
    }


def test_an_unknown_size_is_not_zero() -> None:
    assert rows(text())["windows/amd64"] == ["kept", "—", "—"]


def test_what_was_not_run_is_told_with_its_reason() -> None:
    printed = text()
    assert (
        "linux/s390x: not run: no handler of binfmt_misc runs s390x; derived by package" in printed
    )
    assert "linux/s390x: 2 packages removed: perl-base, tar" in printed
    assert (
        "windows/amd64: not run: careen runs Linux images, not windows; kept as it was" in printed
    )
    assert "linux/amd64: 1 attestation of the original left out" in printed
    assert "windows/amd64: 2 attestations carried" in printed
    assert "not in the result, as --platform leaves them out: linux/386" in printed


def test_the_one_line_has_the_name_and_the_digest() -> None:
    assert final_lines(RESULT) == f"docker://r.example/app:1-hardened@{NEW} {NEW}"


def test_the_document_follows_its_schema() -> None:
    document = json.loads(platforms_json(RESULT))
    schemas = [
        json.loads((FOLDER / f"{name}-1.schema.json").read_text())
        for name in ("platforms", "summary")
    ]
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas
    )
    validator = jsonschema.Draft202012Validator(schemas[0], registry=registry)
    assert [error.message for error in validator.iter_errors(document)] == []
    amd, arm, derived, kept = document["platforms"]
    assert amd["attestations"] == {"original": 1, "carried": 0}
    assert kept["attestations"] == {"original": 2, "carried": 2}
    assert arm["summary"]["sensor"]["emulated"] is True
    assert (derived["summary"], kept["bytes"], kept["why"]) == (
        None,
        None,
        "careen runs Linux images, not windows",
    )
    assert not validator.is_valid({**document, "digest": None})
