"""Two texts side by side: metrics differ in what they count, not in how much."""

from careen.verify.bodies.normal import Noise
from careen.verify.bodies.text_body import TextDifference, noise_between, text_difference

METRICS = (
    '# HELP up whether\n# TYPE up gauge\nup 1\n# TYPE rss gauge\nrss 3.35e+08\nasked_total{path="/a'
    ' b",code="200"} 7 1700000000000\n'
)


def test_values_of_metrics_are_of_the_moment() -> None:
    assert (
        text_difference(
            METRICS, METRICS.replace("3.35e+08", "3.26e+08").replace(" 7 17", " 9 18"), Noise()
        )
        is None
    )


def test_a_metric_or_a_label_that_is_another_is_told() -> None:
    found = text_difference(METRICS, METRICS.replace("rss 3", "vss 3"), Noise())
    assert found == TextDifference("rss", "vss", 1)
    assert text_difference(METRICS, METRICS.replace('"200"', '"500"'), Noise()) is not None


def test_a_text_that_is_no_metrics_is_held_to_its_numbers() -> None:
    assert text_difference("answer 41", "answer 42", Noise()) == TextDifference(
        "answer 41", "answer 42", 1
    )


def test_a_series_that_every_try_had_by_chance_is_not_lost() -> None:
    head = "# HELP up whether\nup 1\n"
    tries = [f'{head}asked_total{{path="/{path}"}} 3\nasked_total{{path="/g"}} 1' for path in "ab"]
    known = noise_between(tries, Noise())
    other = f'{head}asked_total{{path="/c"}} 2\nasked_total{{path="/d"}} 1'
    assert text_difference(tries[0], other, Noise(), known) is None
    assert text_difference(tries[0], other.replace("up 1\n", ""), Noise(), known) == (
        TextDifference("up", "nothing", 1)
    )
    assert text_difference(tries[0], head.strip(), Noise(), known) == (
        TextDifference("asked_total", "nothing", 1)
    )
