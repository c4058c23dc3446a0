"""What of OpenSCAP's results counts: nothing if no rule applied, nothing of the machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.compliance.opinion import _table, compared
from careen.compliance.registry import CHECKS
from careen.errors import CareenError
from careen.evidence.compliance.oscap_results import read_oscap_results
from careen.model.compliance.result import CheckResult, Result
from careen.pipeline.assessing.second_opinion import check_oscap

PREFIX = "xccdf_org.ssgproject.content_rule_"
RESULTS = f"""<?xml version="1.0"?>
<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="b"><version>0.1.76</version>
<TestResult id="t"><identity authenticated="false" privileged="false">root</identity>
<target>machine.example</target><target-address>192.0.2.7</target-address>
<target-facts><fact name="urn:xccdf:fact:ethernet:MAC" type="string">02:00:00:00:00:01</fact>
</target-facts>
<rule-result idref="{PREFIX}account_unique_id"><result>pass</result></rule-result>
<rule-result idref="{PREFIX}no_empty_passwords_etc_shadow"><result>fail</result></rule-result>
<rule-result idref="{PREFIX}root_path_no_dot"><result>notapplicable</result></rule-result>
<rule-result idref="{PREFIX}other"><result>notselected</result></rule-result>
</TestResult></Benchmark>""".encode()
SAMPLE = CheckResult("x", "x", Result.PASS, "x", (), 0, "", "x")


def ours(**results: Result) -> list[CheckResult]:
    return [
        replace(SAMPLE, check=name.replace("_", "-"), result=result)
        for name, result in results.items()
    ]


def test_nothing_of_the_machine_is_kept() -> None:
    found = read_oscap_results(RESULTS, "oci-image://x@sha256:0")
    for text in (b"machine.example", b"192.0.2.7", b"02:00:00:00:00:01", b">root<"):
        assert text in RESULTS
        assert text not in found.document
    assert b"oci-image://x@sha256:0" in found.document
    assert found.counts == {"fail": 1, "notapplicable": 1, "pass": 1}
    assert found.version == "0.1.76"


def test_rules_are_compared_where_both_have_decided() -> None:
    rules = read_oscap_results(RESULTS, "x").rules
    found = compared(
        rules,
        ours(unique_uids=Result.PASS, no_empty_passwords=Result.PASS, path_safe=Result.FAIL),
    )
    assert [(each.rule, each.agrees) for each in found] == [
        ("account_unique_id", True),
        ("no_empty_passwords_etc_shadow", False),
    ]
    assert compared(rules, ours(unique_uids=Result.NOT_EVALUABLE)) == ()
    assert compared({}, ours(unique_uids=Result.PASS)) == ()


def test_each_check_of_the_table_exists_and_no_rule_is_there_twice() -> None:
    rules = [rule for row in _table() for rule in row["rules"]]
    assert len(rules) == len(set(rules))
    assert {check for row in _table() for check in row["checks"]} <= CHECKS.keys()


@pytest.mark.parametrize(
    "data", [b"", b"<x/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"\xff\xfe"]
)
def test_results_of_another_shape_are_one_clear_line(data: bytes) -> None:
    with pytest.raises(CareenError, match="OpenSCAP's results") as error:
        read_oscap_results(data, "x")
    assert "\n" not in str(error.value)


@pytest.mark.oscap
def test_a_missing_stream_is_named(tmp_path: Path) -> None:
    with pytest.raises(CareenError, match="no such file"):
        check_oscap(str(tmp_path / "missing-ds.xml"))
