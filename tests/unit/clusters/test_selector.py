"""Label selectors choose what `kubectl get pods -l` chooses."""

import pytest

from careen.clusters.selector import parse_selector
from careen.errors import InputError

LABELS = {"app": "api", "tier": "web", "example.com/team": "a.b"}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("app=api", True),
        ("app==api", True),
        ("app = api", True),
        ("app=other", False),
        ("app!=other", True),
        ("none!=x", True),
        ("app!=api", False),
        ("app", True),
        ("none", False),
        ("!none", True),
        ("! none", True),
        ("!app", False),
        ("tier in (web, batch)", True),
        ("tier in (web)", True),
        ("tier in (batch)", False),
        ("tier notin (web,batch)", False),
        ("none notin (x)", True),
        ("none in (x)", False),
        ("app=api,tier in (web,batch),!canary", True),
        ("app=api,tier in (web,batch),canary", False),
        ("example.com/team=a.b", True),
        ("none=", False),
    ],
)
def test_pods_are_chosen_by_their_labels(text: str, chosen: bool) -> None:
    assert parse_selector(text).chooses(LABELS) is chosen


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "app=api,",
        "app=a b",
        "app=a=b",
        "=x",
        "-app",
        "tier in web",
        "tier in (web",
        "tier among (web)",
        "app=api;tier=web",
        "a/b/c=1",
        "app>1",
        "app=" + "x" * 64,
        "a," * 5000 + "a",
        "$(id)",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(
        InputError, match=r"not a label selector: .* expected what `kubectl"
    ) as error:
        parse_selector(text)
    assert len(str(error.value)) < 400
