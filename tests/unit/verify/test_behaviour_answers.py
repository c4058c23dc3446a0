"""Answers of one experiment on both images: what differs, what only looks as if it did, and what of
it fails.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from careen.model.runs.behaviour import Deviation
from careen.model.runs.exploration import Answer, Explored
from careen.tools.exchange import BROKEN
from tests.support.behaviours import (
    between,
    compared,
    explored,
    http,
    images,
    missed,
    side,
    told,
    trace,
)

pytestmark = pytest.mark.slow

WORDS = "/usr/share/words.txt"


def kinds(*found: Deviation) -> list[tuple[str, str]]:
    return [(item.kind, item.weight.value) for item in found]


@pytest.mark.parametrize(
    ("before", "after", "kind", "weight", "said"),
    [
        (200, 500, "http-status", "failure", ("200", "500")),
        (404, 500, "http-status", "failure", ("404", "500")),
        (200, None, "connection", "failure", ("200", "no answer")),
        (200, 404, "http-status", "failure", ("200", "404")),
        (401, 200, "http-status", "failure", ("401", "200")),
        (None, 200, "connection", "warning", ("no answer", "200")),
        (None, 503, "connection", "failure", ("no answer", "503")),
    ],
)
def test_another_status(
    before: int | None, after: int | None, kind: str, weight: str, said: tuple[str, str]
) -> None:
    found = between([http("GET /x", before)], [http("GET /x", after)])
    assert told(*found) == [(kind, weight, "explore:http: GET /x", *said)]


def test_what_a_server_says_of_its_error_is_shown_and_names_the_cause() -> None:
    after = http(
        "GET /x", 500, f"[Errno 2] No such file or directory: '{WORDS}'", begun=10.0, note=""
    )
    (found,) = between([http("GET /x", 200, "fine")], [after], images(WORDS))
    assert found.after == f"500 \"[Errno 2] No such file or directory: '{WORDS}'\""
    assert found.cause == (WORDS,)


def test_the_cause_of_an_answer_is_what_was_looked_for_at_that_time() -> None:
    before = explored(http("GET /x", 200), http("GET /y", 200))
    seen = trace(missed(WORDS, first=20.1), missed("/app/plugins/extra.py", first=10.1))
    after = replace(
        explored(
            http("GET /x", 200, begun=10.0, seconds=0.2),
            http("GET /y", 500, begun=20.0, seconds=0.2),
        ),
        trace=seen,
    )
    found = compared(
        side(experiments=[before]),
        side(experiments=[after]),
        images(WORDS, "/app/plugins/extra.py"),
    )
    assert [(item.where, item.cause) for item in found.deviations] == [
        ("explore:http: GET /y", (WORDS,))
    ]
    assert [lookup.path for lookup in found.vain["explore:http"]] == [
        "/app/plugins/extra.py",
        WORDS,
    ]
    assert (found.compared.experiments, found.compared.answers) == (1, 2)


def test_a_try_that_is_repeated_has_the_cause_of_its_first_time() -> None:
    """The library remembers that the file is not there, and does not look for it again."""
    tries = (
        http("GET /x", begun=10.0, seconds=0.2),
        http("GET /x (again)", begun=20.0),
        http("GET /x: other", operation="GET /x", begun=30.0),
    )
    named = [replace(answer, operation="GET /x") for answer in tries]
    seen = trace(missed(WORDS, first=10.0995), missed("/app/plugins/extra.py", first=15.0))
    after = explored(*(replace(answer, status=500) for answer in named), trace=seen)
    found = compared(
        side(experiments=[explored(*named)]),
        side(experiments=[after]),
        images(WORDS, "/app/plugins/extra.py"),
    ).deviations
    assert [item.cause for item in found] == [(WORDS,)] * 3


def test_look_ups_are_timed_to_the_millisecond_and_rounded_down() -> None:
    seen = trace(missed(WORDS, first=10.0), missed("/app/plugins/extra.py", first=10.1))
    after = explored(http("GET /x", 500, begun=10.0004, seconds=0.05), trace=seen)
    (found,) = compared(
        side(experiments=[explored(http("GET /x"))]),
        side(experiments=[after]),
        images(WORDS, "/app/plugins/extra.py"),
    ).deviations
    assert found.cause == (WORDS,)


def test_a_status_that_the_original_gives_at_times_is_a_warning() -> None:
    tries = [http("GET /x", 200), http("GET /x (again)", 503)]
    assert kinds(*between(tries, [http("GET /x", 503), http("GET /x (again)", 503)])) == [
        ("http-status", "warning")
    ]
    assert kinds(*between(tries, [http("GET /x", 500), http("GET /x (again)", 503)])) == [
        ("http-status", "failure")
    ]


@pytest.mark.parametrize(
    ("name", "before", "after", "weight"),
    [
        ("content-type", "application/json", "text/html", "failure"),
        ("content-type", "text/html; charset=utf-8", "text/html", "warning"),
        ("content-type", "multipart/mixed; boundary=abc", "multipart/mixed; boundary=xyz", None),
        ("location", "/login", "/", "failure"),
        ("location", "http://127.0.0.1:40001/a", "http://127.0.0.1:40002/a", None),
        ("location", "http://127.0.0.1:40001/a", "/a", None),
        ("allow", "GET, HEAD", "HEAD, GET", None),
        ("allow", "GET, HEAD", "GET", "failure"),
        ("www-authenticate", 'Bearer realm="a"', 'Basic realm="a"', "failure"),
        ("www-authenticate", 'Digest nonce="1"', 'Digest nonce="2"', None),
        ("content-encoding", "gzip", "", "failure"),
        ("cache-control", "no-store", "max-age=60", "warning"),
        ("vary", "Accept, Origin", "origin,accept", None),
        ("set-cookie", "session", "session", None),
        ("x-own", "yes", "", "warning"),
        ("date", "Fri, 02 Jan 2026 03:04:05 GMT", "Sat, 03 Jan 2026 03:04:05 GMT", None),
        ("etag", '"1"', '"2"', None),
    ],
)
def test_headers(name: str, before: str, after: str, weight: str | None) -> None:
    one, two = (
        replace(http("GET /x"), headers={name.title(): value} if value else {})
        for value in (before, after)
    )
    assert kinds(*between([one], [two])) == ([("http-header", weight)] if weight else [])


def test_a_header_that_differs_from_try_to_try_is_noise() -> None:
    def tries(*values: str) -> list[Answer]:
        return [replace(http("GET /x"), headers={"x-shard": value}) for value in values]

    assert between(tries("a", "b"), tries("c", "d")) == ()


def body(**members: object) -> str:
    return json.dumps({"model": "m", **members})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"a": 1}, {"b": 1}, (".a = 1", "nothing (and one more place)")),
        ({"a": 1}, {"a": "1"}, (".a = 1", '"1"')),
        ({"a": [{"b": 1}]}, {"a": [{"b": None}]}, (".a[].b = 1", "null")),
        ({"a": "x"}, {"a": "y"}, ('.a = "x"', '"y"')),
        ({"a": 1}, {"a": 2}, (".a = 1", "2")),
        ({"a": True}, {"a": False}, (".a = true", "false")),
        ({"a": 0.5}, {"a": 0.51}, (".a = 0.5", "0.51")),
        ({"a": [1, 2]}, {"a": [1]}, (".a = 2 items", "1 items")),
        ({"a": True}, {"a": 1}, (".a = true", "1")),
    ],
)
def test_json_that_differs_is_a_warning(
    before: dict[str, object], after: dict[str, object], said: tuple[str, str]
) -> None:
    found = between([http("GET /x", body=body(**before))], [http("GET /x", body=body(**after))])
    assert told(*found) == [("http-body", "warning", "explore:http: GET /x", *said)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1.0}, {"a": 1}),
        ({"v": [0.1234567, -0.5]}, {"v": [0.1234571, -0.50001]}),
        ({"id": "chatcmpl-8fR2kk39ZqPp01"}, {"id": "chatcmpl-1aB9zz77QwXx42"}),
        ({"created": 1732560000}, {"created": 17}),
        (
            {"usage": {"total_time_ms": 17, "latency": 0.3}},
            {"usage": {"total_time_ms": 4, "latency": 9}},
        ),
        ({"at": "2026-01-02T03:04:05Z"}, {"at": "2026-02-02T03:04:05Z"}),
        ({"url": "http://localhost:40001/a"}, {"url": "http://localhost:40009/a"}),
        ({"text": "took 3 ms\nok"}, {"text": "took 9 ms\nok"}),
    ],
)
def test_json_that_differs_by_noise_alone_is_alike(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert (
        between([http("GET /x", body=body(**before))], [http("GET /x", body=body(**after))]) == ()
    )


def test_declared_noise_is_written_as_the_document_has_it() -> None:
    one, two = (
        [http("GET /x", body=body(seed=7, answer="a"))],
        [http("GET /x", body=body(seed=8, answer="a"))],
    )
    assert kinds(*between(one, two)) == [("http-body", "warning")]
    assert between(one, two, noise=(r'"seed": \d+',)) == ()
    gone = [http("GET /x", body=body(answer="a"))]
    assert between(one, gone, noise=(r'"seed": .*',)) == ()


def test_what_differs_from_try_to_try_on_the_original_is_noise_at_that_place_alone() -> None:
    tries = [
        http("GET /x", body=body(words=[{"w": "a"}, {"w": "b"}], n=1)),
        http("GET /x (again)", body=body(words=[{"w": "c"}, {"w": "d"}], n=1)),
    ]
    assert (
        between(
            tries,
            [http("GET /x", body=body(words=[{"w": "e"}, {"w": "f"}], n=1)), replace(tries[1])],
        )
        == ()
    )
    found = between(
        tries, [http("GET /x", body=body(words=[{"w": "e"}, {"w": "f"}], n=2)), replace(tries[1])]
    )
    assert told(*found) == [("http-body", "warning", "explore:http: GET /x", ".n = 1", "2")]


def test_what_one_experiment_learnt_holds_in_the_others_with_the_same_workload() -> None:
    repeated = explored(
        http("GET /x", body=body(word="a", n=1)), http("GET /x (again)", body=body(word="b", n=1))
    )

    def elsewhere(word: str, n: int, name: str = "elsewhere") -> tuple[Explored, Explored]:
        return repeated, explored(http("GET /x", body=body(word=word, n=n)), experiment=name)

    before = side(experiments=elsewhere("c", 1))
    assert compared(before, side(experiments=elsewhere("d", 1))).deviations == ()
    assert told(*compared(before, side(experiments=elsewhere("d", 2))).deviations) == [
        ("http-body", "warning", "explore:elsewhere: GET /x", ".n = 1", "2")
    ]
    of_another = compared(
        side(experiments=elsewhere("c", 1, "train.requests")),
        side(experiments=elsewhere("d", 1, "train.requests")),
    ).deviations
    assert [item.where for item in of_another] == ["explore:train.requests: GET /x"]


def test_a_steady_answer_of_another_shape_is_a_failure() -> None:
    """The original gave the same answer twice, so a missing key is no chance."""
    tries = [
        http("GET /x", body=body(plugins={"a": 1})),
        http("GET /x (again)", body=body(plugins={"a": 1})),
    ]
    lost = [replace(answer, body=body(plugins={})) for answer in tries]
    assert kinds(*between(tries, lost)) == [("http-body", "failure")] * 2
    value = [replace(answer, body=body(plugins={"a": 2})) for answer in tries]
    assert kinds(*between(tries, value)) == [("http-body", "warning")] * 2


def test_a_steady_answer_that_changes_for_want_of_a_path_is_a_failure() -> None:
    before = explored(http("GET /x", body="hello"), http("GET /x (again)", body="hello"))
    after = explored(
        http("GET /x", body="bye", begun=10.0), http("GET /x (again)", body="hello", begun=11.0)
    )
    seen = replace(after, trace=trace(missed(WORDS, first=10.1)))
    found = compared(side(experiments=[before]), side(experiments=[seen]), images(WORDS)).deviations
    assert told(*found) == [("http-body", "failure", "explore:http: GET /x", "'hello'", "'bye'")]
    assert found[0].cause == (WORDS,)
    late = replace(after, trace=trace(missed(WORDS, first=90.0)))
    assert kinds(
        *compared(side(experiments=[before]), side(experiments=[late]), images(WORDS)).deviations
    ) == [("http-body", "warning")]


def test_json_that_is_none_any_more_is_a_failure() -> None:
    found = between([http("GET /x", body=body())], [http("GET /x", body="<html>oops</html>")])
    assert told(*found) == [
        (
            "http-header",
            "failure",
            "explore:http: GET /x",
            "content-type: application/json",
            "content-type: text/plain",
        ),
        ("http-body", "failure", "explore:http: GET /x", "JSON", "no JSON: '<html>oops</html>'"),
    ]


def test_json_that_was_cut_off_is_compared_as_text() -> None:
    cut = replace(
        http("GET /x", body=body(a="x" * 50)[:30]), headers={"content-type": "application/json"}
    )
    whole = http("GET /x", body=body(a="x" * 50))
    assert kinds(*between([whole], [cut])) == [("http-body", "warning")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a\nb\nc", "a\nx\nc", ("'b'", "'x'")),
        ("a\nb\nc", "x\ny\nc", ("'a'", "'x' (2 lines in all)")),
        ("a\nb\nc", "a\nc", ("'b'", "'nothing'")),
        ("a", "a\nmore", ("'nothing'", "'more'")),
        ("a\na", "a", ("'a'", "'nothing'")),
    ],
)
def test_text_is_compared_by_lines(before: str, after: str, said: tuple[str, str]) -> None:
    found = between([http("GET /x", body=before)], [http("GET /x", body=after)])
    assert told(*found) == [("http-body", "warning", "explore:http: GET /x", *said)]


def test_an_answer_that_breaks_off_on_the_original_is_no_sample() -> None:
    whole = [http("GET /x", body="bonjour"), http("GET /x (again)", body="bonjour")]
    cut = replace(whole[1], body="", note=BROKEN)
    lost = [replace(answer, body="hello") for answer in whole]
    found = between([whole[0], cut], lost)
    assert told(*found)[0][3:] == ("'bonjour'", "'hello'")
    assert ("http-body", "failure") not in kinds(*between([whole[0], cut], whole))
    # Where each answer of the original breaks off, what came before is compared.
    broken = [replace(answer, note=BROKEN) for answer in whole]
    assert between(broken, broken) == ()
    assert "http-body" in dict(kinds(*between(broken, [replace(a, note=BROKEN) for a in lost])))


def test_lines_that_differ_from_try_to_try_on_the_original_are_noise() -> None:
    tries = [http("GET /x", body="token one\nsame"), http("GET /x (again)", body="token two\nsame")]
    assert between(tries, [http("GET /x", body="token three\nsame"), tries[1]]) == ()
    assert len(between(tries, [http("GET /x", body="token three\nother"), tries[1]])) == 1
    longer = [http("GET /x", body="a\nz"), http("GET /x (again)", body="a\nb\nc")]
    assert between(longer, [http("GET /x", body="a\nc\nb"), longer[1]]) == ()
    assert told(*between(longer, [http("GET /x", body="x\nb"), longer[1]]))[0][3:] == (
        "'a'",
        "'x'",
    )  # what each of them has is no noise


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("raw", "connection"),
        ("signal", "exit-status"),
        ("exec", "command"),
        ("run", "command"),
        ("import", "import"),
    ],
)
def test_other_tries_fail_by_status_and_warn_by_what_they_say(kind: str, named: str) -> None:
    good = Answer("x", kind, 0)
    assert kinds(*between([good], [replace(good, status=127)])) == [(named, "failure")]
    assert kinds(*between([good], [replace(good, status=None, note="closed")])) == [
        (named, "warning" if kind == "raw" else "failure")
    ]
    assert kinds(*between([replace(good, status=1)], [good])) == [(named, "warning")]
    assert kinds(*between([good], [replace(good, note="it said something")])) == [
        (named, "warning")
    ]
    assert kinds(*between([replace(good, body="1.0")], [replace(good, body="2.0")])) == [
        (named, "warning")
    ]
    assert between([replace(good, note="after 3.1 s")], [replace(good, note="after 0.2 s")]) == ()


def test_an_answer_to_nonsense_that_came_through_this_time_is_no_news() -> None:
    assert (
        between(
            [Answer("half a request", "raw", None, note="closed")],
            [Answer("half a request", "raw", 400)],
        )
        == ()
    )


def test_no_answer_in_time_counts_only_where_the_original_was_much_faster() -> None:
    late = http("GET /x", None, note="no answer in time", seconds=10.0, late=True)
    assert kinds(*between([http("GET /x", 200, seconds=1.0)], [late])) == [
        ("connection", "failure")
    ]
    assert kinds(
        *between([http("GET /x", 200, seconds=5.0)], [replace(late, seconds=0.1, late=False)])
    ) == [("connection", "failure")]  # refused at once


@pytest.mark.parametrize(
    ("before", "after", "who"),
    [
        (
            {},
            {"status": None, "note": "no answer in time", "seconds": 10.0, "late": True},
            "no answer in time on the hardened image",
        ),
        (
            {"status": None, "note": "no answer in time", "late": True},
            {},
            "no answer in time on the original",
        ),
        (
            {"status": None, "note": "no answer in time", "late": True},
            {"status": 500},
            "no answer in time on the original",
        ),
        (
            {"status": None, "note": "no answer in time", "late": True},
            {"status": None, "note": "no answer in time", "late": True},
            "no answer in time on the original and the hardened image",
        ),
        (
            {"body": "a", "note": "the answer did not end in time", "late": True},
            {"body": "b"},
            "the answer did not end in time on the original",
        ),
    ],
)
def test_what_a_time_limit_decided_is_not_compared_and_is_no_pass(
    before: dict[str, Any], after: dict[str, Any], who: str
) -> None:
    one, two = (replace(http("GET /x", 200, seconds=5.0), **answer) for answer in (before, after))
    found = compared(
        side(experiments=[explored(one, http("GET /y"))]),
        side(experiments=[explored(two, http("GET /y"))]),
    )
    assert found.deviations == ()
    assert found.compared.passed_over == (f"explore:http: GET /x: {who}",)
    assert found.compared.answers == 1
    assert (found.doubtful == {"explore:http"}) is (
        " and " not in who
    )  # what came in time on neither side is not waited for once more


@pytest.mark.parametrize(
    ("answer", "passed_over"),
    [(None, ()), (400, ("explore:http: half a request: no answer in time on the hardened image",))],
)
def test_a_server_that_waits_for_the_rest_of_nonsense_is_alike_if_both_do(
    answer: int | None, passed_over: tuple[str, ...]
) -> None:
    waits = Answer("half a request", "raw", None, note="no answer in time", seconds=0.9, late=True)
    before = waits if answer is None else replace(waits, status=answer, note="", late=False)
    found = compared(
        side(experiments=[explored(before)]),
        side(experiments=[explored(replace(waits, seconds=1.0))]),
    )
    assert (found.deviations, found.compared.passed_over) == ((), passed_over)


def test_tries_that_were_not_made_are_a_failure_unless_the_originals_were_cut_short_too() -> None:
    before = explored(http("GET /a"), http("GET /b"), http("GET /c"))
    short = explored(http("GET /a"))
    found = compared(side(experiments=[before]), side(experiments=[short])).deviations
    assert told(*found) == [
        (
            "connection",
            "failure",
            "explore:http",
            "3 tries made",
            "2 of them not made: GET /b, GET /c",
        )
    ]
    reason = replace(short, skipped="the engine said no")
    found = compared(side(experiments=[before]), side(experiments=[reason])).deviations
    assert told(*found) == [
        (
            "connection",
            "failure",
            "explore:http",
            "3 tries made",
            "2 of them not made (the engine said no): GET /b, GET /c",
        )
    ]
    found = compared(
        side(experiments=[replace(before, skipped="the engine said no")]),
        side(experiments=[reason]),
    ).deviations
    assert told(*found) == [
        (
            "connection",
            "warning",
            "explore:http",
            "3 tries made",
            "2 of them not made (the engine said no): GET /b, GET /c",
        )
    ]
    assert compared(side(experiments=[short]), side(experiments=[before])).deviations == ()


def test_why_an_experiment_was_not_tried_on_the_original_is_said() -> None:
    skipped = explored(
        ready_seconds=None, skipped="the container cannot be created: no such network"
    )
    assert compared(
        side(experiments=[skipped]), side(experiments=[skipped])
    ).compared.passed_over == ("explore:http: the container cannot be created: no such network",)


def test_what_the_sensor_lost_on_either_image_is_said_to_be_not_compared() -> None:
    lossy = replace(trace(), sensor=replace(trace().sensor, losses={"ring_full": 3}))
    whole = side(experiments=[explored()])
    assert compared(whole, whole).compared.passed_over == ()
    said = (
        "explore:http: libraries and look-ups that were not seen: 3 events were lost (3 ring_full)",
    )
    assert compared(whole, side(experiments=[explored(trace=lossy)])).compared.passed_over == said
    assert compared(side(experiments=[explored(trace=lossy)]), whole).compared.passed_over == said


def test_an_experiment_that_was_not_repeated_is_a_failure_but_not_where_nothing_was_explored() -> (
    None
):
    found = compared(
        side(experiments=[explored(), explored(experiment="signals")]),
        side(experiments=[explored()]),
    ).deviations
    assert told(*found) == [
        ("readiness", "failure", "explore:signals", "was tried", "was not tried")
    ]
    assert compared(side(experiments=[explored()]), side()).deviations == ()


def test_a_container_that_is_never_ready_is_one_difference_and_not_one_for_each_try() -> None:
    before = explored(*(http(f"GET /{i}") for i in range(100)))
    after = explored(ready_seconds=None, exit_code=1)
    behaviour = compared(side(experiments=[before]), side(experiments=[after]))
    assert told(*behaviour.deviations) == [
        ("readiness", "failure", "explore:http", "ready", "never ready (it ended with status 1)")
    ]
    assert (behaviour.compared.experiments, behaviour.compared.answers) == (1, 0)


@pytest.mark.timeout(60)
def test_a_flood_of_answers_is_bounded_and_loses_no_failure() -> None:
    tries = [http(f"GET /{i}", 200, f"a{'x' * 200}" if i < 2900 else "same") for i in range(3000)]
    after = [
        http(
            f"GET /{i}",
            200 if i < 2999 else 500,
            f"b{'x' * 200}" if i < 2900 else "same",
            begun=1.0,
        )
        for i in range(3000)
    ]
    behaviour = compared(
        side(experiments=[explored(*tries)]), side(experiments=[explored(*after)]), images(WORDS)
    )
    assert len(behaviour.deviations) == 2000
    assert behaviour.deviations[0].where == "explore:http: GET /2999"  # failures come first
    assert behaviour.compared.passed_over == ("901 more differences than are listed",)
    long = explored(*(http(f"GET /{i}") for i in range(20_001)))
    assert compared(side(experiments=[long]), side(experiments=[long])).compared.passed_over == (
        "http: answers after the first 20000",
    )


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000 + "]" * 60_000,
        '{"a":' * 60_000,
        "[" + "1," * 400_000 + "1]",
        '{"' + "k" * 500_000 + '": 1}',
        "9" * 500_000,
    ],
)
def test_hostile_bodies_are_compared_in_bounded_time(text: str) -> None:
    assert kinds(*between([http("GET /x", body=text)], [http("GET /x", body=text + " tail")])) in (
        [],
        [("http-body", "warning")],
        [("http-body", "failure")],
    )
    assert between([http("GET /x", body=text)], [http("GET /x", body=text)]) == ()


def test_words_of_the_container_are_one_line_and_short() -> None:
    found = between(
        [http("GET /x", 200)],
        [
            http(
                "GET /x",
                500,
                "line one\nline two\x1b[31m" + "z" * 5000,
                note="note\nwith breaks " + "y" * 5000,
            )
        ],
    )
    assert "\n" not in found[0].after
    assert len(found[0].after) < 500
