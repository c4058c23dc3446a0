"""The provider's file: what it decides, and what is refused."""

import datetime as dt
from pathlib import Path

import pytest

from careen.compliance.fedramp.service import load_service
from careen.errors import ConfigError
from tests.support.fedramp import DECIDED, HEAD, NOW, service


def test_decisions_are_read(tmp_path: Path) -> None:
    found = service(tmp_path)
    assert (found.klass, found.internet) == ("c", True)
    decided = (found.decisions or {})["CVE-2026-0001"]
    assert (decided.rating, decided.next_rating) == (4, 2)
    assert decided.evaluated == dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    other = (found.decisions or {})["GHSA-JFH8-C2JP-5V3Q"]
    assert other.evaluated == dt.datetime(2026, 1, 31, 23, tzinfo=dt.UTC)
    assert other.internet_reachable is None


def test_it_names_its_own_rules(tmp_path: Path) -> None:
    (path := tmp_path / "s.toml").write_text(HEAD + 'rules = "cr27.toml"\n')
    assert load_service(path, NOW)[1] == tmp_path / "cr27.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace("version = 1", "version = 3"), "version: expected 1, got 3"),
        (HEAD.replace('"c"', '"moderate"'), "class: expected the class"),
        (HEAD.replace("https:", "javascript:"), "package_overview: expected the URI"),
        (HEAD.replace("package.json", "a b"), "package_overview: expected the URI"),
        (HEAD + "klass = 1\n", "unknown key"),
        (HEAD + "[[decision]]\nrating = 1\n", "id: is missing"),
        (HEAD + '[[decision]]\nid = "A"\nrating = 1\n', "a decision needs `evaluated`"),
        (HEAD + '[[decision]]\nid = "A"\nevaluated = "2027-01-01T00:00:00Z"\n', "in the future"),
        (
            HEAD + '[[decision]]\nid = "A"\nevaluated = "yesterday"\n',
            "expected a time with its zone",
        ),
        (HEAD + DECIDED.replace("rating = 4", "rating = 7"), "expected an N-rating"),
        (HEAD + DECIDED + DECIDED, "is there twice"),
        (HEAD + DECIDED.replace("next_rating = 2\n", ""), "are stated together"),
        (
            HEAD + '[[decision]]\nid="A"\nevaluated="2026-01-01T00:00:00Z"\ndisposition="Done"\n',
            "expected one of Fully Mitigated",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"service\.toml:[0-9]+: ") as caught:
        service(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
