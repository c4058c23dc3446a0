"""docs/triage.md says what the code does: thresholds, words, the example of an ignore file, the
reasons of one finding.
"""

import re
from pathlib import Path

from careen.model.findings.advisory import Severity
from careen.model.findings.triage import Tier
from careen.model.runs.trace import Use
from careen.triage.conditions import OTHERS, PRIORITIES, SEVERITIES, TIERS
from careen.triage.ignore import allow_list, grype_yaml, trivy_yaml
from careen.triage.ignore.careen_lines import parse_ignore_file
from careen.triage.priority import EPSS_LIKELY, EPSS_RAISED
from careen.triage.triage import triage
from tests.support.triage import (
    IMAGE,
    bom,
    bound,
    cvss,
    epss,
    finding,
    inventory,
    kev,
    package,
    use,
)

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "triage.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def block(start: str) -> str:
    (found,) = (text for text in BLOCKS if text.startswith(start))
    return str(found)


def test_every_tier_is_explained_and_no_other() -> None:
    table = (
        PAGE.partition("## Tiers")[2].partition("\n\n**")[0]
        + PAGE.partition("| tier | proof |")[2].partition("\n\n")[0]
    )
    assert set(re.findall(r"^\| ([a-z ]+) \|", table, re.MULTILINE)) - {"tier"} == {
        tier.value for tier in Tier
    }


def test_the_words_of_conditions() -> None:
    words = set(re.findall(r"[a-z-]+", block("conditions").partition("word       =")[2]))
    assert words == {*TIERS, *SEVERITIES, *PRIORITIES, *OTHERS}


def test_the_thresholds() -> None:
    assert {float(text) for text in re.findall(r"EPSS at least ([\d.]+)", PAGE)} == {
        EPSS_LIKELY,
        EPSS_RAISED,
    }


def test_the_example_of_an_ignore_file_is_one() -> None:
    page = (DOCS / "exceptions.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```\n(# id or alias.*?)^```$", page, re.DOTALL | re.MULTILINE)
    rules = parse_ignore_file(text.encode(), "docs/exceptions.md")
    assert [(rule.identifier, rule.package, str(rule.end)) for rule in rules] == [
        ("CVE-2025-32434", "torch", "2026-12-31"),
        ("CVE-2026-21441", "urllib3", "2026-10-14"),
        ("*", "pkg:deb/debian/imagemagick*@*", "None"),
    ]


def test_the_members_of_the_lists_are_on_the_page() -> None:
    page = (DOCS / "exceptions.md").read_text(encoding="utf-8")
    members = {
        *trivy_yaml._MEMBERS,
        *grype_yaml._MEMBERS,
        *grype_yaml._PACKAGE,
        *allow_list._MEMBERS,
        *allow_list.KEYS,
    }
    assert (
        sorted(name for name in members if f"`{name}`" not in page and f"{name}:" not in page) == []
    )


def test_the_reasons_of_the_example_are_what_is_printed() -> None:
    libssl = package("libssl3", "/usr/lib/libssl.so.3")
    about = finding(
        libssl,
        severity=Severity.CRITICAL,
        scores=cvss(),
        epss=epss(0.94),
        kev=kev(),
        fixed=("3.0.17",),
    )
    (item,) = triage(
        [about],
        inventory(libssl),
        bom({"/usr/lib/libssl.so.3": use(Use.MAPPED, origin="serve")}, [bound()]),
        IMAGE,
    )
    assert tuple(block("mapped by").splitlines()) == item.reasons
