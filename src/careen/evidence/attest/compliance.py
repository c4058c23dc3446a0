"""What an assessment says of a result, as one test result for each framework."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

FILE = "comply.json"
# A failed item must not keep a cluster from admitting an image that passed its tests.
PREFIX = "compliance-"
_WORDS = {"pass": "passedTests", "fail": "failedTests"}


def assessments_of(
    document: Mapping[str, Any] | None, digests: Collection[str]
) -> tuple[Mapping[str, Any], ...]:
    """Return the assessments of a document that are about an image with one of these digests."""
    if document is None:
        return ()
    return tuple(
        each
        for each in document["assessments"]
        if each["digest"] in digests or each["config_digest"] in digests
    )


def framework_results(
    assessments: Collection[Mapping[str, Any]], sha256: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the test result of each framework; `sha256` is that of the document.

    FAILED if an item failed, WARNED if one was left open, PASSED if all were decided. An item that
    was not evaluated is a warning, never a passed test.
    """
    for assessment in assessments:
        for framework in assessment["frameworks"]:
            yield f"{PREFIX}{framework['id']}", _result(assessment, framework, sha256)


def _result(
    assessment: Mapping[str, Any], framework: Mapping[str, Any], sha256: str
) -> Mapping[str, Any]:
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for item in framework["items"]:
        told = item["id"] if item["result"] in _WORDS else f"{item['id']} ({item['result']})"
        lists[_WORDS.get(item["result"], "warnedTests")].append(told)
    word = "FAILED" if lists["failedTests"] else "WARNED" if lists["warnedTests"] else "PASSED"
    numbers = framework["coverage"]
    return {
        "result": word,
        "configuration": [
            {
                "name": FILE,
                "digest": {"sha256": sha256},
                "annotations": {
                    "framework": framework["id"],
                    "content": framework["content"],
                    "dated": framework["dated"],
                    "tool": assessment["tool"],
                    "started": assessment["started"],
                    "ended": assessment["ended"],
                    **{name.replace("_", "-"): str(numbers[name]) for name in numbers},
                },
            }
        ],
        **lists,
    }
