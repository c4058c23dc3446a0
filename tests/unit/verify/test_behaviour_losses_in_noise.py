"""What is lost at a place where the original itself answers otherwise each time: the values are
noise there, but not that there is nothing any more, or another kind of thing.
"""

import json
from collections.abc import Callable, Sequence
from random import Random
from string import ascii_lowercase

import pytest

from careen.model.runs.behaviour import Deviation
from careen.verify.behaviour import Behaviour, compare_behaviour
from careen.verify.bodies.json_kinds import MISSING, is_new_kind, kinds_at
from careen.verify.bodies.normal import Noise
from careen.verify.bodies.text_body import line_differences, noise_between
from careen.verify.sides import Round, Side
from tests.support.behaviours import explored, http, images, side

pytestmark = pytest.mark.slow

Make = Callable[[Random], str]
FIRST = [f"GET /x{mark}" for mark in ("", " (again)", " (2)")]
FURTHER = [f"GET /x{mark}" for mark in ("", " (again)", " (2)", " (11)", " (12)", " (13)", " (14)")]


def made(make: Make, seed: int) -> list[Side]:
    """Three runs, as they are made: in the further ones a request is made more often."""
    random = Random(seed)  # noqa: S311 — examples
    ids: Sequence[Sequence[str]] = (FIRST, FURTHER, FURTHER)
    answers = [[http(name, body=make(random)) for name in each] for each in ids]
    return [side(experiments=[explored(*each)]) for each in answers]


def over(original: Make, hardened: Make, seed: int = 0) -> Behaviour:
    before, after = made(original, seed), made(hardened, 1000 + seed)
    rounds = [Round(one, two) for one, two in zip(before[1:], after[1:], strict=True)]
    return compare_behaviour(before[0], after[0], images(), Noise(()), rounds)


def words(random: Random, least: int = 4, most: int = 9) -> str:
    number = random.randint(least, most)
    return " ".join("".join(random.choices(ascii_lowercase, k=6)) for _ in range(number))


def member(random: Random) -> str:
    return json.dumps({"text": words(random), "model": "tiny"})


def many(random: Random) -> str:
    return json.dumps({"items": [{"name": words(random)} for _ in range(random.randint(3, 7))]})


def keyed(random: Random) -> str:
    return json.dumps({"by_worker": {words(random, 1, 1): 1 for _ in range(3)}})


def page(random: Random) -> str:
    nonce = words(random, 1, 1)
    head = "<html><head><title>Shop</title></head>"
    return f'{head}<body nonce="{nonce}"><div class="cart">empty</div></body></html>'


def titled(random: Random) -> str:
    return f"{words(random)}\nwritten by the tiny model"


def lines(random: Random) -> str:
    return "\n".join(words(random) for _ in range(random.randint(2, 6)))


def always(text: str) -> Make:
    return lambda _: text


def test_random_text_that_is_always_gone_is_no_chance() -> None:
    """The line that is lost is another one each time; that nothing is left is the same."""
    found = over(words, always(""))
    assert {(item.kind, item.after) for item in found.deviations} == {("http-body", "'nothing'")}
    assert found.compared.noise == ()


def test_random_text_that_always_becomes_the_same_text_is_no_chance() -> None:
    """Beside the new line stands another one of the original each time."""
    found = over(lambda random: f"say {words(random)}\nsay {words(random)}", always("say nothing"))
    assert {item.after for item in found.deviations} == {"'say nothing'"}
    assert found.compared.noise == ()


def test_a_random_answer_where_there_was_always_none_is_no_chance() -> None:
    found = over(always(""), words).deviations
    assert {(item.kind, item.before) for item in found} == {("http-body", "'nothing'")}


@pytest.mark.parametrize(
    ("original", "hardened", "place", "after", "weight"),
    [
        (member, '{"text": null, "model": "tiny"}', ".text", "null", "failure"),
        (member, '{"text": {"error": 1}, "model": "tiny"}', ".text", "an object", "failure"),
        (member, '{"model": "tiny"}', ".text", "nothing", "failure"),
        (member, '{"text": "", "model": "tiny"}', ".text", '""', "warning"),
        (many, '{"items": []}', ".items", "0 items", "warning"),
        (many, '{"items": [{"name": null}, {"name": null}]}', ".items[].name", "null", "failure"),
        (many, '{"items": [{}, {}, {}, {}]}', ".items[]", "an empty object", "failure"),
        (keyed, '{"by_worker": {}}', ".by_worker", "an empty object", "failure"),
    ],
)
def test_a_loss_at_a_place_of_json_that_is_noise(
    original: Make,
    hardened: str,
    place: str,
    after: str,
    weight: str,
) -> None:
    found = over(original, always(hardened)).deviations
    assert {shown(item) for item in found} == {(place, after, weight)}


def shown(item: Deviation) -> tuple[str, str, str]:
    """The place, what is there afterwards, and the weight."""
    return item.before.partition(" = ")[0], item.after.partition(" (and ")[0], item.weight.value


@pytest.mark.parametrize(
    ("original", "hardened"),
    [
        (page, "oops template not found"),
        (page, ""),
        (titled, "\nwritten by the tiny model"),
        (lines, ""),
    ],
)
def test_a_loss_at_a_line_that_is_noise(original: Make, hardened: str) -> None:
    found = over(original, always(hardened)).deviations
    assert {item.where for item in found} == {f"explore:http: {name}" for name in FIRST}
    assert {item.kind for item in found} == {"http-body"}


def empty_at_times(random: Random) -> str:
    return many(random) if random.random() < 0.6 else json.dumps({"items": []})


def null_at_times(random: Random) -> str:
    return json.dumps({"text": random.choice([None, "", words(random), 7])})


def missing_at_times(random: Random) -> str:
    texts = [{"text": words(random)} if random.random() < 0.5 else {} for _ in range(4)]
    return json.dumps([{"n": random.randint(1, 99), **each} for each in texts])


def silent_at_times(random: Random) -> str:
    return lines(random) if random.random() < 0.6 else ""


def quote(random: Random) -> str:
    quotes = ("the best of all times", "of all the worst times", "it was spring", "we had nothing")
    return random.choice(quotes)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "make",
    [
        *(words, member, many, keyed, page, titled, lines),
        *(empty_at_times, null_at_times, missing_at_times, silent_at_times, quote),
    ],
)
def test_an_image_that_answers_as_the_original_does_is_not_reported(make: Make, seed: int) -> None:
    assert over(make, make, seed).deviations == ()


@pytest.mark.parametrize(
    ("original", "hardened"),
    [
        (empty_at_times, '{"items": []}'),
        (null_at_times, '{"text": ""}'),
        (silent_at_times, ""),
    ],
)
def test_what_the_original_has_not_at_times_may_be_missing(original: Make, hardened: str) -> None:
    assert over(original, always(hardened)).deviations == ()


def test_a_line_that_is_noise_is_held_to_its_words_only_where_there_are_some() -> None:
    noise = Noise(())
    few = noise_between(["hello abc of spring", "hello xyz of autumn"], noise)
    assert line_differences("hello abc of spring", "goodbye", noise, few) == ()
    some = noise_between(["hello dear reader abc", "hello dear reader xyz"], noise)
    assert len(line_differences("hello dear reader abc", "goodbye", noise, some)) == 1
    assert line_differences("hello dear reader abc", "goodbye reader", noise, some) == ()
    beside = some.beside(noise_between(["hello dear friend abc", "hello dear friend xyz"], noise))
    assert line_differences("hello dear reader abc", "goodbye", noise, beside) == ()


def test_kinds_at_a_place() -> None:
    documents = [{"a": [1, "x"], "b": None}, {"a": [], "c": {"d": " "}}]
    found = kinds_at(documents, {".a[]", ".b", ".c.d"})
    assert found == {
        "": {"object"},
        ".a": {"array", "empty array"},
        ".a[]": {"number", "text"},
        ".b": {"null", "nothing"},
        ".c": {"object"},
        ".c.d": {"empty text"},
    }
    assert kinds_at([[0] * 100_001], {"[]"}) == {}  # too large: nothing is known
    assert not is_new_kind(None, "x", MISSING)
    assert is_new_kind(frozenset({"text"}), "x", MISSING)
    assert not is_new_kind(frozenset({"text", "nothing"}), "x", "")
