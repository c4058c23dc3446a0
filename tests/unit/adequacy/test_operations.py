"""Which operations the tests called, which ports they used."""

import pytest

from careen.adequacy.operations import judge_operations, with_missing_by_bytes
from careen.adequacy.ports import judge_ports
from careen.formats.openapi import Operation
from careen.model.runs.trace import Endpoint, Phase
from careen.model.runs.workload import Exchange

OPERATIONS = (
    Operation("POST", "/embed"),
    Operation("GET", "/models/{name}"),
    Operation("GET", "/models/default"),
    Operation("DELETE", "/models/{name}"),
    Operation("GET", "/files/v{version}.json"),
    Operation("GET", "/health"),
)


def asked(*requests: tuple[str, str, int | None]) -> list[Exchange]:
    return [Exchange(8000, method, path, status, 0.0, 0.0) for method, path, status in requests]


def test_an_operation_is_covered_by_any_answer_below_500() -> None:
    called = judge_operations(
        OPERATIONS,
        asked(("POST", "/embed", 200), ("GET", "/health", 503), ("GET", "/models/a", None)),
        "",
    )
    assert called.operations == frozenset({"POST /embed"})
    assert (called.part.covered, called.part.total) == (1, 6)
    assert called.part.missing == (
        "DELETE /models/{name}",
        "GET /files/v{version}.json",
        "GET /health",
        "GET /models/default",
        "GET /models/{name}",
    )


def test_a_literal_path_goes_before_a_parameter() -> None:
    assert judge_operations(
        OPERATIONS, asked(("GET", "/models/default", 200)), ""
    ).operations == frozenset({"GET /models/default"})
    assert judge_operations(
        OPERATIONS, asked(("GET", "/models/other", 200)), ""
    ).operations == frozenset({"GET /models/{name}"})


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("/files/v12.json", True),
        ("/files/v.json", False),
        ("/files/v1.xml", False),
        ("/files/v1.json/x", False),
        ("/files/%761.json", True),
    ],
)
def test_a_parameter_may_be_part_of_a_segment(path: str, fits: bool) -> None:
    covered = judge_operations(OPERATIONS, asked(("GET", path, 200)), "").operations
    assert covered == frozenset({"GET /files/v{version}.json"} if fits else ())


def test_methods_are_told_apart_and_written_as_one_likes() -> None:
    assert judge_operations(
        OPERATIONS, asked(("delete", "/models/a", 204)), ""
    ).operations == frozenset({"DELETE /models/{name}"})


def test_what_was_only_refused_is_covered_and_told() -> None:
    called = judge_operations(
        OPERATIONS,
        asked(
            ("POST", "/embed", 422),
            ("POST", "/embed", 400),
            ("GET", "/health", 404),
            ("GET", "/health", 200),
        ),
        "",
    )
    assert called.operations == frozenset({"POST /embed", "GET /health"})
    assert called.refused == ("POST /embed",)


def test_no_request_at_all_is_a_share_of_zero_if_all_would_have_been_seen() -> None:
    part = judge_operations(OPERATIONS, [], "").part
    assert (part.share, part.covered) == (0.0, 0)


def test_where_requests_may_have_been_missed_a_gap_is_unknown_and_full_cover_is_not() -> None:
    blind = judge_operations(OPERATIONS, asked(("POST", "/embed", 200)), "requests were not seen")
    assert (
        blind.part.share,
        blind.part.covered,
        blind.part.total,
        blind.part.why,
        blind.operations,
    ) == (None, None, 6, "requests were not seen", None)
    assert (
        judge_operations(
            [Operation("GET", "/health")], asked(("GET", "/health", 200)), "requests were not seen"
        ).part.share
        == 1.0
    )


def test_without_a_document_nothing_is_known() -> None:
    assert (
        judge_operations(None, asked(("GET", "/", 200)), "").part.why
        == "no OpenAPI document was read"
    )
    assert judge_operations((), asked(("GET", "/", 200)), "").part.share is None


def test_of_very_many_that_are_missing_the_weightiest_are_named() -> None:
    called = judge_operations(
        [Operation("GET", f"/{number:04}") for number in range(1500)],
        asked(("GET", "/0001", 200)),
        "",
    )
    assert (called.part.covered, called.part.total) == (1, 1500)
    part = with_missing_by_bytes(called.part, {"GET /1400": 7, "GET /0001": 9, "GET /1300": 8})
    assert (len(part.missing), part.missing[:4]) == (
        200,
        ("GET /1300", "GET /1400", "GET /0000", "GET /0002"),
    )


def bound(*ports: int) -> list[Endpoint]:
    return [Endpoint("bind", "inet6", "::", port, frozenset({Phase.START})) for port in ports]


def test_a_port_is_used_when_something_listened_and_a_test_connected() -> None:
    part = judge_ports(
        ("8000/tcp", "9000", "9090/tcp", "53/udp", "7000-7010/tcp", "x/tcp"),
        bound(8000, 9090),
        {8000: 3},
    )
    assert (part.covered, part.total, part.counts) == (1, 3, False)
    assert part.missing == ("9000/tcp (nothing listened)", "9090/tcp (no test connected)")


def test_connections_that_were_not_counted_are_not_held_against_a_port() -> None:
    part = judge_ports(
        ("8000/tcp", "9000/tcp"),
        [
            *bound(8000),
            Endpoint("bind", "unix", "/x", 9000, frozenset()),
            Endpoint("connect", "inet", "", 9000, frozenset()),
        ],
        None,
    )
    assert (part.share, part.missing) == (0.5, ("9000/tcp (nothing listened)",))


def test_an_image_without_ports_has_no_share_of_them() -> None:
    assert judge_ports(("53/udp",), (), {}).share is None


def test_a_number_that_is_no_port_is_not_judged() -> None:
    part = judge_ports(("0/tcp", "65535/tcp", "65536", "99999/tcp", "100000/tcp"), (), {})
    assert part.missing == ("65535/tcp (nothing listened)",)
    assert judge_ports(("99999/tcp",), (), {}).share is None
