"""The rule of docs/triage.md, row by row, and its reasons in words."""

from dataclasses import replace
from typing import Any

import pytest

from careen.formats.cvss_vector import MAX_VECTOR
from careen.model.findings.advisory import Severity, VendorStatus
from careen.model.findings.triage import Priority, Tier, Triaged
from careen.model.packages.package import Ecosystem
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import SensorKind, Use
from careen.rbom.merge import merge
from careen.triage.priority import Listening, judge
from careen.triage.tiers import Proof
from careen.triage.triage import observed_by, triage
from careen.triage.vectors import easiest_attack, reach_of
from tests.support.triage import (
    FANOTIFY,
    IMAGE,
    LOCAL_VECTOR,
    OTHER_IMAGE,
    PYTHON,
    bom,
    bound,
    cvss,
    embedded,
    epss,
    finding,
    inventory,
    kev,
    package,
    use,
)

ACT, ATTEND, TRACK = Priority.ACT, Priority.ATTEND, Priority.TRACK
CRITICAL, HIGH, MEDIUM = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM
RUNS, UNKNOWN, IDLE = Tier.LOADED, Tier.NOT_PROFILED, Tier.OPENED
REACHED, UNREACHED, WHO_KNOWS = (
    Listening(reachable=True, ports=(8000,)),
    Listening(reachable=False),
    Listening(None),
)
FIXED: dict[str, Any] = {"fixed": ("1.1",)}


@pytest.mark.parametrize(
    ("tier", "severity", "listening", "more", "expected"),
    [
        (Tier.REMOVED, CRITICAL, REACHED, {"kev": kev(), "epss": epss(0.99)}, TRACK),
        (IDLE, MEDIUM, WHO_KNOWS, {"kev": kev()}, ATTEND),
        (Tier.PRESENT, HIGH, WHO_KNOWS, {"epss": epss(0.5)}, ATTEND),
        (Tier.PRESENT, MEDIUM, WHO_KNOWS, {"epss": epss(0.99)}, TRACK),
        (Tier.PRESENT, CRITICAL, WHO_KNOWS, FIXED, TRACK),
        (RUNS, MEDIUM, UNREACHED, {"kev": kev()}, ACT),
        (UNKNOWN, MEDIUM, WHO_KNOWS, {"kev": kev()}, ACT),
        (RUNS, HIGH, UNREACHED, {"epss": epss(0.5)}, ACT),
        (RUNS, MEDIUM, UNREACHED, {"epss": epss(0.5)}, ATTEND),
        (RUNS, CRITICAL, REACHED, {"scores": cvss()}, ACT),
        (RUNS, CRITICAL, WHO_KNOWS, {"scores": cvss()}, ACT),
        (RUNS, CRITICAL, REACHED, {}, ACT),  # no vector: nothing says that the way in is narrow
        (RUNS, CRITICAL, UNREACHED, {"scores": cvss()}, ATTEND),
        (RUNS, CRITICAL, REACHED, {"scores": cvss(LOCAL_VECTOR)}, ATTEND),
        (UNKNOWN, CRITICAL, WHO_KNOWS, {"scores": cvss()}, ATTEND),
        (RUNS, MEDIUM, REACHED, {"epss": epss(0.1)}, ATTEND),
        (RUNS, MEDIUM, REACHED, {"epss": epss(0.09), **FIXED}, TRACK),
        (RUNS, Severity.LOW, REACHED, {"epss": epss(0.1)}, ATTEND),
        (
            RUNS,
            Severity.NEGLIGIBLE,
            REACHED,
            {"epss": epss(0.73)},
            TRACK,
        ),  # BEAST in Debian's gnutls: `unimportant`, open since 2011
        (RUNS, Severity.NEGLIGIBLE, REACHED, {"kev": kev()}, ACT),
        (RUNS, HIGH, REACHED, FIXED, ATTEND),
        (RUNS, HIGH, REACHED, {}, TRACK),
        (UNKNOWN, HIGH, WHO_KNOWS, FIXED, ATTEND),
        (RUNS, Severity.UNKNOWN, REACHED, {}, ATTEND),
        (RUNS, Severity.LOW, REACHED, FIXED, TRACK),
    ],
)
def test_the_rule(
    tier: Tier, severity: Severity, listening: Listening, more: dict[str, Any], expected: Priority
) -> None:
    judged = judge(finding(severity=severity, **more), Proof(tier, "package"), listening)
    assert judged.priority is expected
    assert judged.reasons[-1].startswith(f"{expected.value}: ")


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [((), "its attack vector is unknown"), (cvss(), "its attack vector is open")],
)
def test_a_way_in_that_nobody_has_looked_at_is_not_called_open(scores: Any, verdict: str) -> None:
    judged = judge(finding(severity=CRITICAL, scores=scores), Proof(RUNS, "package"), REACHED)
    assert judged.reasons[-1] == f"act: critical, runs, and {verdict}"


def test_a_probability_that_does_not_count_is_not_denied() -> None:
    judged = judge(
        finding(severity=Severity.NEGLIGIBLE, epss=epss(0.73)), Proof(RUNS, "package"), REACHED
    )
    assert judged.reasons[-1] == "track: negligible in this package, even if exploited in others"


def reasons(seen: RuntimeBom | None, **more: Any) -> tuple[str, ...]:
    openssl = package("libssl3", "/usr/lib/libssl.so.3")
    (item,) = triage([finding(openssl, **more)], inventory(openssl), seen, IMAGE)
    return item.reasons


MAPPED = {"/usr/lib/libssl.so.3": use(Use.MAPPED)}


def test_every_part_is_said_in_words() -> None:
    known = reasons(
        bom(MAPPED, [bound(8000)]),
        severity=CRITICAL,
        scores=cvss(),
        epss=epss(0.94),
        kev=kev(),
        fixed=("3.0.17", "3.2.1"),
    )
    assert known == (
        "mapped by /usr/bin/python3.11 in workload 'web'; that program listens on 8000",
        "on CISA's KEV list since 2024-05-01",
        "EPSS 0.94 (2026-08-16)",
        "network, no privileges (CVSS 3.1 9.8, nvd)",
        "critical (nvd)",
        "fixed in 3.0.17",
        "act: exploited in the wild, and it runs",
    )


def test_what_is_unknown_is_said_to_be() -> None:
    assert reasons(None, severity=Severity.UNKNOWN) == (
        "no RBOM was given, so it is unknown whether it is used",
        "not on CISA's KEV list",
        "EPSS unknown",
        "attack vector unknown: no CVSS vector",
        "severity unknown",
        "no fix is known",
        "attend: no severity rating, and may run",
    )


def test_a_narrow_way_in_and_a_vendor_that_will_not_fix() -> None:
    said = reasons(
        bom(MAPPED),
        scores=cvss(LOCAL_VECTOR, 7.8),
        status=VendorStatus.WONT_FIX,
        epss=epss(0.00042),
    )
    assert (
        "not over the network, needs privileges, needs a user's action (CVSS 3.1 7.8, nvd)" in said
    )
    assert "EPSS 0.0004 (2026-08-16)" in said
    assert "no fix is known: the vendor will not fix it" in said


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        ([bound(8000), bound(443)], "; that program listens on 443, 8000"),
        ([bound(8000, "/usr/sbin/nginx")], "; no program that uses it listens on a port"),
        (
            [bound(0)],
            "; no program that uses it listens on a port",
        ),  # the kernel picks the port: a client
        ([bound(8000, address="127.0.0.1")], "; no program that uses it listens on a port"),
        ([], "; no program that uses it listens on a port"),
        ([bound(8000, address="no address")], "; that program listens on 8000"),
        ([bound(8000, "")], "; the workload listens on 8000, with an unknown program"),
    ],
)
def test_whether_the_process_that_uses_it_listens(endpoints: list[Any], expected: str) -> None:
    assert reasons(bom(MAPPED, endpoints))[0] == f"mapped by {PYTHON} in workload 'web'{expected}"


def test_a_sensor_without_sockets_does_not_say_that_nothing_listens() -> None:
    seen = bom(
        {"/usr/lib/libssl.so.3": use(Use.EXECUTED)}, sensor=SensorKind.FANOTIFY, evidence=FANOTIFY
    )
    assert reasons(seen)[0].endswith("; unknown whether it listens")


def test_after_lost_events_nobody_says_that_nothing_listens() -> None:
    said = reasons(bom(MAPPED, lost=1), severity=CRITICAL)
    assert said[0].endswith("; unknown whether it listens")
    assert said[-1].startswith("act: ")


def test_another_image_s_profile_does_not_say_that_nothing_listens_here() -> None:
    assert reasons(bom(MAPPED, image=OTHER_IMAGE))[0].endswith("; unknown whether it listens")


def test_a_library_of_the_health_check_is_not_reached_over_the_server_s_port() -> None:
    seen = {"/usr/lib/libssl.so.3": use(Use.MAPPED, "/usr/bin/curl")}
    said = reasons(bom(seen, [bound(8000)]), severity=CRITICAL, scores=cvss())
    assert (
        said[0]
        == "mapped by /usr/bin/curl in workload 'web'; no program that uses it listens on a port"
    )
    assert said[-1] == "attend: critical, and it runs"


def test_a_library_of_the_health_check_and_the_server_is_reached_and_the_server_is_named() -> None:
    seen = {"/usr/lib/libssl.so.3": (use(Use.MAPPED, "/usr/bin/curl"), use(Use.MAPPED, PYTHON))}
    said = reasons(bom(seen, [bound(8000)]), severity=CRITICAL, scores=cvss())
    assert said[0] == f"mapped by {PYTHON} in workload 'web'; that program listens on 8000"
    assert said[-1].startswith("act: ")


def test_each_program_has_its_own_ports() -> None:
    seen = {"/usr/lib/libssl.so.3": (use(Use.MAPPED, "/usr/sbin/nginx"), use(Use.MAPPED, PYTHON))}
    assert (
        reasons(bom(seen, [bound(8000), bound(443, "/usr/sbin/nginx")]))[0]
        == f"mapped by {PYTHON} in workload 'web'; that program listens on 8000"
    )


def test_a_listener_that_is_not_the_strongest_witness_is_told_as_another() -> None:
    both = package("app", "/usr/bin/app", "/app/app.jar")
    seen = bom(
        {
            "/usr/bin/app": use(Use.EXECUTED, "/bin/sh"),
            "/app/app.jar": use(Use.OPENED, "/usr/bin/java"),
        },
        [bound(80, "/usr/bin/java")],
    )
    (item,) = triage([finding(both)], inventory(both), seen, IMAGE)
    assert (
        item.reasons[0]
        == "executed by /bin/sh in workload 'web'; another program that uses it listens on 80"
    )


def test_a_server_that_its_entrypoint_s_shell_became() -> None:
    python = package("python3.11", PYTHON)
    (item,) = triage(
        [finding(python)],
        inventory(python),
        bom({PYTHON: use(Use.EXECUTED, "/usr/bin/dash")}, [bound()]),
        IMAGE,
    )
    assert (
        item.reasons[0] == f"executed by /usr/bin/dash in workload 'web'; {PYTHON} listens on 8000"
    )


def test_of_several_workloads_it_is_not_said_which_one_listens() -> None:
    serve = bom({"/usr/lib/libssl.so.3": use(Use.MAPPED, origin="web")}, [bound()])
    train = replace(
        bom({"/usr/lib/libfoo.so": use(Use.MAPPED, origin="train")}),
        runs=(replace(serve.runs[0], workload="train"),),
    )
    foo = package("libfoo", "/usr/lib/libfoo.so")
    (item,) = triage(
        [finding(foo, severity=CRITICAL, scores=cvss())],
        inventory(foo),
        merge([serve, train]),
        IMAGE,
    )
    assert (
        item.reasons[0]
        == f"mapped by {PYTHON} in workload 'train'; in one of the workloads that program listens"
        " on 8000"
    )
    assert (
        item.priority is ACT
    )  # the same program: nothing shows that the other workload does not do the same


def test_a_server_that_was_executed_is_itself_the_one_that_listens() -> None:
    nginx = package("nginx", "/usr/sbin/nginx")
    seen = bom({"/usr/sbin/nginx": use(Use.EXECUTED, "/bin/sh")}, [bound(80, "/usr/sbin/nginx")])
    (item,) = triage([finding(nginx)], inventory(nginx), seen, IMAGE)
    assert item.reasons[0] == "executed by /bin/sh in workload 'web'; /usr/sbin/nginx listens on 80"


def test_a_shell_that_the_runtime_started_does_not_listen() -> None:
    dash = package("dash", "/usr/bin/dash")
    (item,) = triage(
        [finding(dash)],
        inventory(dash),
        bom({"/usr/bin/dash": use(Use.EXECUTED, "")}, [bound()]),
        IMAGE,
    )
    assert (
        item.reasons[0]
        == "executed by the container runtime in workload 'web'; no program that uses it listens on"
        " a port"
    )


def test_what_is_inside_a_program_names_the_program() -> None:
    net = embedded("golang.org/x/net", "/usr/bin/caddy", ecosystem=Ecosystem.GOLANG)
    seen = bom({"/usr/bin/caddy": use(Use.EXECUTED, "")}, [bound(443, "/usr/bin/caddy")])
    (item,) = triage([finding(net)], inventory(net), seen, IMAGE)
    assert (
        item.reasons[0]
        == "inside /usr/bin/caddy, executed by the container runtime in workload 'web';"
        " /usr/bin/caddy listens on 443"
    )


def test_the_most_urgent_comes_first_and_the_order_is_the_same_whatever_the_input() -> None:
    libssl, tool = package("libssl3", "/usr/lib/libssl.so.3"), package("tool", "/usr/bin/tool")
    findings = [
        finding(tool, "CVE-2024-0009", CRITICAL, fixed=("2",)),
        finding(libssl, "CVE-2024-0003", HIGH, fixed=("2",)),
        finding(libssl, "CVE-2024-0002", HIGH, fixed=("2",), epss=epss(0.05)),
        finding(tool, "CVE-2024-0008", MEDIUM, kev=kev()),
        finding(libssl, "CVE-2024-0001", MEDIUM, kev=kev()),
        finding(libssl, "CVE-2024-0004", HIGH),
    ]
    expected = [
        "CVE-2024-0001",
        "CVE-2024-0002",
        "CVE-2024-0003",
        "CVE-2024-0008",
        "CVE-2024-0004",
        "CVE-2024-0009",
    ]
    for given in (findings, findings[::-1]):
        assert [
            item.finding.id for item in triage(given, inventory(libssl, tool), bom(MAPPED), IMAGE)
        ] == expected


def test_without_an_rbom_what_is_exploited_and_likely_still_comes_first() -> None:
    app = package("app", "/usr/bin/app")
    findings = [
        finding(app, "CVE-2024-0004", HIGH, fixed=("2",)),
        finding(app, "CVE-2024-0003", CRITICAL),
        finding(app, "CVE-2024-0002", CRITICAL, fixed=("2",), epss=epss(0.2)),
        finding(app, "CVE-2024-0001", Severity.LOW, kev=kev()),
    ]
    found: tuple[Triaged, ...] = triage(findings, inventory(app), None, IMAGE)
    assert [item.finding.id for item in found] == [
        "CVE-2024-0001",
        "CVE-2024-0002",
        "CVE-2024-0003",
        "CVE-2024-0004",
    ]
    assert {item.tier for item in found} == {Tier.NOT_PROFILED}


def test_observed_by_says_whose_image_and_what_was_lost() -> None:
    observed = observed_by(bom({}, lost=3), IMAGE)
    assert (
        observed.workloads,
        observed.seconds,
        observed.completeness.lost,
        observed.checked,
        observed.exact,
    ) == (("web",), 10.0, 3, ("tests",), True)
    assert not observed_by(bom({}, image=OTHER_IMAGE), IMAGE).exact
    assert not observed_by(bom({}), None).exact


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", (True, True, False)),
        ("CVSS:3.1/AV:A/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", (False, False, True)),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", (True, True, True)),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", (True, True, True)),
        ("AV:L/AC:L/Au:S/C:P/I:P/A:P", (False, False, True)),
    ],
)
def test_vectors_of_every_version(vector: str, expected: tuple[bool, bool, bool]) -> None:
    reach = reach_of(vector)
    assert reach is not None
    assert (reach.network, reach.no_privileges, reach.no_interaction) == expected


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "x",
        "CVSS:3.1",
        "CVSS:3.1/AV:N",
        "CVSS:9.9/AV:N",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "\0",
        "A" * (MAX_VECTOR + 1),
    ],
)
def test_what_is_no_vector_says_nothing(vector: str) -> None:
    assert reach_of(vector) is None


def test_where_assessments_differ_the_widest_way_in_counts() -> None:
    found = easiest_attack(
        (
            *cvss(LOCAL_VECTOR, 7.8, "redhat"),
            *cvss("rubbish", 10.0, "x"),
            *cvss(score=9.8, source="ghsa"),
        )
    )
    assert found is not None
    assert found.score.source == "ghsa"
