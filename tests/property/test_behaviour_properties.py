"""Whatever a container says: what says the same but for noise is no difference, and what it said is
compared without an error, in bounded words.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from careen.model.runs.behaviour import Weight
from careen.model.runs.exploration import Answer
from careen.model.runs.workload import CaseResult, Outcome
from tests.support.behaviours import compared, explored, side, trace, worked

CLASSES: dict[str, Callable[[Random], str]] = {
    "time": lambda r: (
        f"20{r.randint(10, 40)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}T{r.randint(0, 23):02d}:{r.randint(0, 59):02d}:00.{r.randint(0, 999)}Z"
    ),
    "clock": lambda r: f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}:{r.randint(0, 59):02d}",
    "uuid": lambda r: "-".join(f"{r.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12)),
    "trace": lambda r: f"a{r.getrandbits(120):030x}1",
    "address": lambda r: f"0x7f{r.getrandbits(40):010x}",
    "host": lambda r: f"127.0.0.1:{r.randint(1024, 65535)}",
    "duration": lambda r: f"{r.randint(1, 99999)} ms",
    "stamp": lambda r: str(r.randint(1_500_000_000, 1_999_999_999)),
    "score": lambda r: f"{0.25 * (1 + r.uniform(-2e-4, 2e-4)):.9f}",
}
WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
PIECE = st.one_of(
    WORD.map(lambda word: ("word", word)),
    st.sampled_from(sorted(CLASSES)).map(lambda name: ("noise", name)),
)
LINE = st.lists(PIECE, min_size=1, max_size=6)
SEEDS = st.tuples(st.integers(0, 1 << 30), st.integers(0, 1 << 30))


def spoken(line: list[tuple[str, str]], random: Random) -> str:
    return " ".join(CLASSES[text](random) if kind == "noise" else text for kind, text in line)


def both(seeds: tuple[int, int], make: Callable[[Random], Any]) -> tuple[Any, Any]:
    # examples, drawn from a seed
    return make(Random(seeds[0])), make(Random(seeds[1]))  # noqa: S311


@given(lines=st.lists(LINE, max_size=8), seeds=SEEDS)
def test_a_text_that_differs_by_noise_alone_is_the_same(
    lines: list[list[tuple[str, str]]], seeds: tuple[int, int]
) -> None:
    one, two = both(
        seeds,
        lambda random: Answer(
            "GET /", "http", 200, {}, "\n".join(spoken(line, random) for line in lines)
        ),
    )
    assert (
        compared(side(experiments=[explored(one)]), side(experiments=[explored(two)])).deviations
        == ()
    )


@given(
    members=st.dictionaries(WORD, LINE, max_size=6),
    numbers=st.lists(st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3), max_size=6),
    seeds=SEEDS,
)
def test_json_that_differs_by_noise_alone_is_the_same(
    members: dict[str, list[tuple[str, str]]], numbers: list[float], seeds: tuple[int, int]
) -> None:
    def make(random: Random) -> Answer:
        texts = {key: spoken(line, random) for key, line in members.items()}
        shaken = [number * (1 + random.uniform(-4e-4, 4e-4)) for number in numbers]
        document = {
            **texts,
            "vector": shaken,
            "took_ms": random.randint(0, 10**6),
            "deep": [{"created": random.random()} for _ in numbers],
        }
        keys = list(document)
        random.shuffle(keys)
        return Answer(
            "GET /",
            "http",
            200,
            {"content-type": "application/json"},
            json.dumps({key: document[key] for key in keys}),
        )

    one, two = both(seeds, make)
    assert (
        compared(side(experiments=[explored(one)]), side(experiments=[explored(two)])).deviations
        == ()
    )


@given(lines=st.lists(LINE, max_size=8), seeds=SEEDS)
def test_errors_that_differ_by_noise_and_order_alone_are_known(
    lines: list[list[tuple[str, str]]], seeds: tuple[int, int]
) -> None:
    def make(random: Random) -> str:
        printed = [
            f"{CLASSES['time'](random)} ERROR [{random.randint(1, 9999)}] {spoken(line, random)}"
            for line in lines
        ]
        random.shuffle(printed)
        return "\n".join(printed)

    one, two = both(seeds, make)
    assert compared(side(worked(logs=one)), side(worked(logs=two))).deviations == ()


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "",
            "\0",
            "\x1b[2J",
            "[" * 2000,
            '{"a": NaN}',
            '{"a": 1e999}',
            "\udce9",
            "a\r\nb",
            "{}" * 500,
            "9" * 5000,
            '{"": {"": [null]}}',
            "1_5 Jan",
        ]
    ),
)
ANSWERS = st.builds(
    Answer,
    id=st.sampled_from(["GET /", "GET / (again)", "GET / (2)", "signal TERM", "x"]),
    kind=st.sampled_from(["http", "raw", "exec", "signal", "import", "run", "other"]),
    status=st.one_of(st.none(), st.integers(-20, 600)),
    headers=st.dictionaries(
        st.sampled_from(
            [
                "Content-Type",
                "content-type",
                "location",
                "allow",
                "set-cookie",
                "x-a",
                "www-authenticate",
            ]
        ),
        HOSTILE,
        max_size=4,
    ),
    body=HOSTILE,
    note=HOSTILE,
    begun=st.floats(0, 100),
    seconds=st.floats(0, 10),
)


@settings(max_examples=60)
@given(
    answers=st.lists(ANSWERS, max_size=6),
    logs=HOSTILE,
    code=st.one_of(st.none(), st.integers(-64, 255)),
    noise=st.sampled_from([(), ("a+",), (r"\d{2}",)]),
)
def test_what_is_compared_with_itself_never_fails(
    answers: list[Answer], logs: str, code: int | None, noise: tuple[str, ...]
) -> None:
    cases = tuple(
        CaseResult(name, outcome, 0.1, None, logs)
        for name in ("a", "a", logs)
        for outcome in Outcome
    )
    life = side(
        worked(*cases, logs=logs, exit_code=code),
        trace(),
        [explored(*answers, logs=logs, exit_code=code)],
    )
    assert [
        item
        for item in compared(life, life, noise=noise).deviations
        if item.weight is Weight.FAILURE
    ] == []


@settings(max_examples=60)
@given(
    one=st.lists(ANSWERS, max_size=6),
    two=st.lists(ANSWERS, max_size=6),
    logs=st.tuples(HOSTILE, HOSTILE),
)
def test_whatever_differs_is_told_in_short_lines(
    one: list[Answer], two: list[Answer], logs: tuple[str, str]
) -> None:
    before, after = explored(*one, logs=logs[0]), explored(*two, logs=logs[1])
    for item in compared(side(experiments=[before]), side(experiments=[after])).deviations:
        assert item.where.startswith("explore:http")
        assert max(len(item.before), len(item.after), len(item.where)) < 1000
        assert "\n" not in f"{item.before}{item.after}{item.where}"


@given(
    answers=st.lists(
        ANSWERS.map(lambda answer: replace(answer, kind="http", status=200)),
        min_size=1,
        max_size=6,
        unique_by=lambda answer: answer.id,
    )
)
def test_a_service_that_fails_is_always_told(answers: list[Answer]) -> None:
    broken = [replace(answer, status=500) for answer in answers]
    found = compared(
        side(experiments=[explored(*answers)]), side(experiments=[explored(*broken)])
    ).deviations
    assert [item.weight for item in found] == [Weight.FAILURE] * len(answers)
