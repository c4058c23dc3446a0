"""Two thousand findings in an image of sixty thousand files, and findings that are made to cost."""

import pytest

from careen.model.findings.triage import Tier
from careen.model.packages.package import Ecosystem
from careen.model.runs.trace import Use
from careen.triage.triage import triage
from tests.support.triage import (
    IMAGE,
    SITE,
    bom,
    bound,
    code,
    cvss,
    finding,
    inventory,
    package,
    use,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.no_cover,
    pytest.mark.timeout(60),
]  # half a second here; each finding against each file would take minutes


def test_two_thousand_findings_of_sixty_thousand_files() -> None:
    packages = [
        package(f"p{i}", *(f"{SITE}/p{i}/m{j}.py" for j in range(200)), ecosystem=Ecosystem.PYPI)
        for i in range(300)
    ]
    seen = bom(
        {
            path: (use(Use.OPENED), use(Use.LOOKED_UP))
            for one in packages[::2]
            for path in one.files
        },
        [bound()],
    )
    findings = [
        finding(
            packages[i % 300],
            f"CVE-2024-{i}",
            scores=cvss(),
            code=code(f"p{i % 300}.m{i % 200}.f") if i % 3 == 0 else (),
        )
        for i in range(2000)
    ]
    stock = inventory(*packages)
    found = triage(findings, stock, seen, IMAGE)
    assert sum(item.tier is Tier.EXECUTED for item in found) == 1000
    assert sum(item.scope == "vulnerable code" for item in found) == 667


def test_thousands_of_findings_whose_modules_have_one_name_in_every_folder() -> None:
    big = package(
        "big", *(f"{SITE}/big/d{i}/io.py" for i in range(60_000)), ecosystem=Ecosystem.PYPI
    )
    findings = [finding(big, f"CVE-2024-{i}", code=code(f"big.d{i}.io")) for i in range(2000)]
    stock = inventory(big)
    found = triage(findings, stock, bom({f"{SITE}/big/d7/io.py": use(Use.OPENED)}), IMAGE)
    assert [item.finding.id for item in found if item.tier is Tier.EXECUTED] == ["CVE-2024-7"]
