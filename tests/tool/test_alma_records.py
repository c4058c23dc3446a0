"""Every entry of AlmaLinux's records, modules included: its fixed version is not affected, a build
before it is, other streams are not meant.
"""

import gzip
import json

import pytest

from bench.debian_agreement import FOLDER
from careen.advisories.matching.evaluate import evaluate
from careen.advisories.matching.modularity import concerns_stream, is_modular
from careen.formats.versions import scheme_of
from careen.model.packages.package import Ecosystem
from tests.support.advisory_source import osv
from tests.support.made_records import package

pytestmark = pytest.mark.advisories


@pytest.mark.no_cover
def test_every_entry_separates_fixed_from_older_and_modular_from_not() -> None:
    scheme = scheme_of("AlmaLinux")
    entries = modular = named = 0
    with gzip.open(FOLDER / "almalinux-osv.jsonl.gz", "rt") as lines:
        for line in lines:
            (advisory,) = osv(json.loads(line))
            for entry in advisory.affected:
                fixed = entry.ranges[0].events[1].version
                older = fixed.rpartition("-")[0] + "-0"
                entries += 1
                assert not evaluate(entry, fixed, scheme).affected, (advisory.id, fixed)
                found = evaluate(entry, older, scheme)
                assert (found.affected, found.certain, found.fixed) == (True, True, (fixed,)), (
                    advisory.id,
                    fixed,
                )
                plain = package(Ecosystem.RPM, entry.name, "1.0-1.el8")
                build = package(Ecosystem.RPM, entry.name, "1.0-1.module_el8.1.0+1+a")
                other = package(
                    Ecosystem.RPM,
                    entry.name,
                    "1.0-1.module_el8.1.0+1+a",
                    module="a-stream:of-another-package",
                )
                assert concerns_stream(advisory, entry, plain) is not is_modular(fixed)
                assert concerns_stream(advisory, entry, build) is is_modular(fixed)
                modular += is_modular(fixed)
                named += is_modular(fixed) and not concerns_stream(advisory, entry, other)
    assert (entries, modular) == (71_329, 20_750)
    assert (
        named / modular > 0.97
    )  # the others do not say which stream they are about, and are compared with all
