"""Documents that were changed anywhere are read or refused; matching and resolving keep their
laws.
"""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from careen.errors import InputError
from careen.evidence.scanners.read import read_report
from careen.evidence.vex.read import read_vex
from careen.evidence.vex.statements import statements
from careen.evidence.vex.write_cyclonedx import to_cyclonedx_vex
from careen.evidence.vex.write_openvex import Authorship, to_openvex
from careen.model.findings.vex import VexProduct, VexStatement, VexStatus
from careen.model.packages.purls import matches, read_purl
from careen.triage.vex_match import moment, resolve
from tests.support.hardenings import BEFORE, HARDENING, SUBJECT

AUTHOR = Authorship("Example", "2026-01-02T03:04:05Z")
STATED = statements(BEFORE, HARDENING, SUBJECT)
CSAF = {
    "document": {
        "csaf_version": "2.0",
        "publisher": {"name": "x"},
        "tracking": {"id": "x", "current_release_date": "2026-01-01T00:00:00Z"},
    },
    "product_tree": {
        "branches": [
            {
                "branches": [
                    {
                        "product": {
                            "product_id": "a",
                            "name": "a",
                            "product_identification_helper": {"purl": "pkg:pypi/a@1"},
                        }
                    }
                ]
            }
        ],
        "relationships": [
            {
                "product_reference": "a",
                "relates_to_product_reference": "a",
                "full_product_name": {"product_id": "b", "name": "b"},
            }
        ],
        "product_groups": [{"group_id": "g", "product_ids": ["a", "b"]}],
    },
    "vulnerabilities": [
        {
            "cve": "CVE-1",
            "product_status": {"fixed": ["a"], "known_not_affected": ["b"]},
            "flags": [{"label": "component_not_present", "group_ids": ["g"]}],
            "threats": [{"category": "impact", "details": "d"}],
            "remediations": [{"category": "vendor_fix", "details": "d", "product_ids": ["a"]}],
        }
    ],
}
TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "x",
    "Metadata": {"RepoDigests": ["x@sha256:1"]},
    "Results": [
        {
            "Type": "debian",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-1",
                    "PkgName": "a",
                    "InstalledVersion": "1",
                    "CVSS": {"nvd": {"V3Score": 9.8}},
                }
            ],
        }
    ],
}
GRYPE = {
    "descriptor": {"name": "grype", "version": "1"},
    "source": {"target": {"userInput": "x"}},
    "matches": [
        {
            "vulnerability": {
                "id": "CVE-1",
                "cvss": [{"metrics": {"baseScore": 9}}],
                "fix": {"versions": ["2"]},
            },
            "artifact": {"name": "a", "version": "1", "type": "deb"},
        }
    ],
}
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "x",
                    "rules": [{"id": "CVE-2024-0001", "properties": {"purls": ["pkg:pypi/a@1"]}}],
                }
            },
            "results": [{"ruleIndex": 0}],
        }
    ],
}
DOCUMENTS: tuple[Any, ...] = (
    json.loads(to_openvex(STATED, SUBJECT, AUTHOR)),
    json.loads(to_cyclonedx_vex(STATED, SUBJECT, AUTHOR)),
    CSAF,
    TRIVY,
    GRYPE,
    SARIF,
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.just("pkg:pypi/a@1"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    out: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        keys = (
            list(item)
            if isinstance(item, dict)
            else list(range(len(item)))
            if isinstance(item, list)
            else []
        )
        out += [(item, key) for key in keys]
        waiting += [item[key] for key in keys]
    return out


def refusals(raw: bytes) -> list[str]:
    """Give the bytes to both readers; return the words of those that refused."""
    out = []
    for read in (read_vex, read_report):
        try:
            read(raw, "x.json")
        except InputError as error:
            out.append(str(error))
    return out


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_document_that_was_changed_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(DOCUMENTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        found = places(document)
        if not found:
            break
        item, key = found[data.draw(st.integers(0, len(found) - 1))]
        if data.draw(st.booleans()):
            item[key] = data.draw(JUNK)
        else:
            del item[key]
    raw = json.dumps(document).encode()
    assert [words for words in refusals(raw) if "\n" in words] == []


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused(raw: bytes) -> None:
    assert [words for words in refusals(raw) if not words.startswith("x.json: ")] == []


PRODUCTS = st.sampled_from([VexProduct(f"pkg:pypi/{name}") for name in "abc"])
TIMES = st.sampled_from(
    ["", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+02:00", "2026-01-02T00:00:00.5Z"]
)
STATEMENTS = st.builds(
    VexStatement,
    st.sampled_from(["CVE-1", "CVE-2"]),
    st.sampled_from(list(VexStatus)),
    st.lists(PRODUCTS, min_size=1, max_size=3, unique=True).map(tuple),
    timestamp=TIMES,
)


@given(st.lists(STATEMENTS, max_size=8))
def test_of_each_vulnerability_and_product_the_latest_word_is_left(
    stated: list[VexStatement],
) -> None:
    latest: dict[tuple[str, VexProduct], VexStatus] = {}
    for one in sorted(
        stated, key=lambda one: moment(one.timestamp)
    ):  # stable: of two at one instant the later in the list
        latest.update(((one.vulnerability, product), one.status) for product in one.products)
    left = resolve(stated)
    assert {
        (one.vulnerability, product): one.status for one in left for product in one.products
    } == latest
    assert sum(len(one.products) for one in left) == len(latest)
    assert resolve(left) == left


NAMES = st.text(
    st.characters(categories=["L", "N"], include_characters="-._+"), min_size=1, max_size=8
)


@given(
    st.sampled_from(["pypi", "deb", "npm", "maven", "golang", "oci"]),
    NAMES,
    NAMES,
    st.dictionaries(st.sampled_from(["arch", "distro", "tag"]), NAMES, max_size=3),
)
def test_a_purl_matches_itself_and_whatever_adds_to_it(
    kind: str, name: str, version: str, qualifiers: dict[str, str]
) -> None:
    from packageurl import PackageURL

    full = read_purl(PackageURL(kind, "n", name, version, qualifiers).to_string())
    bare = read_purl(PackageURL(kind, "n", name).to_string())
    if full is None or bare is None:
        return
    assert matches(full, full)
    assert matches(bare, full)
    assert matches(full, bare) == (full == bare)
