"""The order in which the files of all tests begin."""

from dataclasses import dataclass
from pathlib import Path

from tests.support import order
from tests.support.order import SECONDS, in_order

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Named:
    nodeid: str


def begun(*tests: str) -> list[str]:
    """The files in the order in which they begin."""
    ids = [test.nodeid.split("::")[0] for test in in_order([Named(name) for name in tests])]
    return list(dict.fromkeys(ids))


def test_the_files_that_take_long_are_there() -> None:
    assert [name for name in SECONDS if not (CHECKOUT / name).is_file()] == []
    assert min(SECONDS.values()) > 0


def test_tests_of_a_file_stay_together_and_in_their_order() -> None:
    tests = [Named(f"tests/unit/{file}.py::t{number}") for number in (2, 1, 3) for file in "abc"]
    ordered = in_order(tests)
    assert sorted(ordered, key=tests.index) == tests
    for file in "abc":
        places = [place for place, test in enumerate(ordered) if f"/{file}.py" in test.nodeid]
        assert places == list(range(places[0], places[0] + 3))
        assert [ordered[place].nodeid[-2:] for place in places] == ["t2", "t1", "t3"]


def test_long_files_come_first_and_then_those_with_more_tests() -> None:
    long = next(iter(SECONDS))
    folder = long.rpartition("/")[0]
    many = [f"{folder}/many.py::t{number}" for number in range(9)]
    assert begun(f"{folder}/few.py::t", *many, f"{long}::t") == [
        long,
        f"{folder}/many.py",
        f"{folder}/few.py",
    ]


def test_files_that_wait_are_spread_among_those_that_calculate() -> None:
    waits = [f"{order.WAITING[0]}{number}.py::t" for number in range(3)]
    works = [f"tests/unit/{number}.py::t" for number in range(12)]
    kinds = "".join(
        "w" if name.startswith(order.WAITING) else "." for name in begun(*waits, *works)
    )
    assert kinds == "w....w....w...."
    assert begun(*works) == [name.split("::")[0] for name in sorted(works)]
