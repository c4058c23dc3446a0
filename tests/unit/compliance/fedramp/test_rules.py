"""FedRAMP's rules as data: the time frames by class, and files that are refused."""

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest

from careen.compliance.fedramp.rules import load_rules
from careen.errors import ConfigError

TODAY = dt.date(2026, 12, 1)
OWN = (resources.files("careen.compliance") / "data" / "fedramp-rules.toml").read_text()

# Days for likely exploitable and internet-reachable, likely exploitable, and others.
TABLE = {
    "a": {5: (4, 8, 32), 4: (8, 32, 64), 3: (32, 64, 192), 2: (96, 160, 192)},
    "b": {5: (4, 8, 32), 4: (8, 32, 64), 3: (32, 64, 192), 2: (96, 160, 192)},
    "c": {5: (2, 4, 16), 4: (4, 8, 64), 3: (16, 32, 128), 2: (48, 128, 192)},
    "d": {5: (0.5, 1, 8), 4: (2, 8, 32), 3: (8, 16, 64), 2: (24, 96, 192)},
}


@pytest.mark.parametrize("name", TABLE)
def test_the_clocks_of_each_class(name: str) -> None:
    clocks = load_rules(None, TODAY).classes[name]
    days = {
        rating: tuple(each / dt.timedelta(days=1) for each in times)
        for rating, times in clocks.reduce.items()
    }
    assert days == TABLE[name]


def test_the_other_times_of_each_class() -> None:
    rules = load_rules(None, TODAY)
    assert [rules.classes[name].evaluate.days for name in "abcd"] == [14, 7, 5, 2]
    assert [rules.classes[name].history.days for name in "abcd"] == [30, 30, 14, 7]
    assert [rules.classes[name].samples.days for name in "abcd"] == [14, 7, 3, 1]
    assert [rules.classes[name].drifting.days for name in "abcd"] == [90, 30, 14, 7]
    assert rules.accepted_after.days == 192
    assert (rules.required, rules.grace) == (dt.date(2026, 12, 7), dt.date(2027, 3, 7))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 2", "version: expected 1, got 2"),
        ("dated = 2026-07-14", "dated = 2026-12-02", "2026-12-02 is in the future"),
        ("dated = 2026-07-14\n", "", "dated: is missing"),
        ("n5 = [12, 24, 192]", "n5 = [12, 24]", "class.d.n5: expected three numbers"),
        ("n5 = [12, 24, 192]", "n5 = [0, 24, 192]", "class.d.n5: expected a number of hours"),
        ("[class.d]", "[class.e]", "unknown key"),
        ("evaluate = 48\n", "", "class.d.evaluate: is missing"),
        ("critical = 4", "critical = 6", "proposal.critical: expected an N-rating"),
        ("critical = 4", "urgent = 4", "unknown key"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in OWN
    (path := tmp_path / "rules.toml").write_text(OWN.replace(old, new))
    with pytest.raises(ConfigError, match=r"rules\.toml:[0-9]+: ") as caught:
        load_rules(path, TODAY)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_class_cannot_be_left_out(tmp_path: Path) -> None:
    (path := tmp_path / "rules.toml").write_text(OWN[: OWN.index("[class.d]")])
    with pytest.raises(ConfigError, match="d: is missing: rules have the classes"):
        load_rules(path, TODAY)
