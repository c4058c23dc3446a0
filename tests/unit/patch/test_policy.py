"""The policy file of upgrades: what its rules say, and what is wrong with a file, with its line."""

import datetime as dt
from pathlib import Path

import pytest

from careen.errors import ConfigError
from careen.model.packages.package import Ecosystem, Package
from careen.model.patching import Reach
from careen.model.paths import ImagePath
from careen.patch.policy import Policy, Ruling, load_policy

TODAY = dt.date(2026, 3, 1)
GOOD = """
[[rule]]
match = "pypi:torch*"
max = "<2.6"
reason = "the kernels are built for 2.5"

[[rule]]
match = ["deb:openssl", "npm:@scope/*"]
hold = true
reason = "validated"
expires = 2026-03-01

[[rule]]
match = "torchvision"
max = "!=0.20.1"
reach = "minimal"
allow_major = true
reason = "0.20.1 is broken"

[[rule]]
match = "gone"
hold = true
reason = "old"
expires = "2026-02-28"
"""


def read(tmp_path: Path, text: str, today: dt.date = TODAY) -> Policy:
    file = tmp_path / "patch.toml"
    file.write_text(text, encoding="utf-8")
    return load_policy(file, today)


def package(kind: Ecosystem, name: str, source: str = "") -> Package:
    return Package(
        kind, name, "1", f"pkg:{kind.value}/{name}@1", ImagePath("/r"), (), source=source
    )


def test_rules_add_up(tmp_path: Path) -> None:
    policy = read(tmp_path, GOOD)
    where = tmp_path / "patch.toml"
    assert policy.on(package(Ecosystem.PYPI, "torch")) == Ruling(
        limit="<2.6", word=f"{where}:3: the kernels are built for 2.5"
    )
    both = policy.on(package(Ecosystem.PYPI, "torchvision"))
    assert (both.limit, both.reach, both.allow_major) == ("<2.6,!=0.20.1", Reach.MINIMAL, True)
    assert both.word == f"{where}:3: the kernels are built for 2.5; {where}:14: 0.20.1 is broken"
    assert policy.on(package(Ecosystem.DEB, "libssl3t64", "openssl@3.5.1-1")) == Ruling(
        hold=True, word=f"{where}:8: validated"
    )
    assert policy.on(package(Ecosystem.NPM, "@scope/a")).hold
    assert policy.on(package(Ecosystem.NPM, "openssl")) == Ruling()


def test_an_expired_rule_holds_no_more_and_is_said(tmp_path: Path) -> None:
    policy = read(tmp_path, GOOD)
    assert policy.expired == (
        f"{tmp_path}/patch.toml:21: gone: expired on 2026-02-28, and holds no more; review it",
    )
    assert not policy.on(package(Ecosystem.PYPI, "gone")).hold
    assert read(tmp_path, GOOD, dt.date(2026, 2, 28)).on(package(Ecosystem.PYPI, "gone")).hold


def test_a_rule_for_nothing_is_said(tmp_path: Path) -> None:
    policy = read(tmp_path, GOOD)
    there = (package(Ecosystem.PYPI, "torch"), package(Ecosystem.DEB, "libssl3t64", "openssl@3"))
    assert policy.unmatched(there) == (
        f"{tmp_path}/patch.toml:14: torchvision: names no package of the image",
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            '[[rule]]\nmatch = "x"\nreason = "r"\n',
            r":2: rule\[0\]\.match: the rule says nothing: give hold, max, reach or allow_major",
        ),
        ('[[rule]]\nmatch = "x"\nhold = true\n', r":2: rule\[0\]\.match: a rule needs a reason"),
        ('[[rule]]\nhold = true\nreason = "r"\n', r":1: rule\[0\]\.match: a rule needs match"),
        (
            '[[rule]]\nmatch = "x"\nhold = true\nmax = "<2"\nreason = "r"\n',
            r":3: rule\[0\]\.hold: what is held goes nowhere",
        ),
        (
            '[[rule]]\nmatch = "x"\nmax = ">2"\nreason = "r"\n',
            r":3: rule\[0\]\.max: not a limit of versions: '>2'",
        ),
        (
            '[[rule]]\nmatch = "pypi:x"\nmax = "<two"\nreason = "r"\n',
            r":3: rule\[0\]\.max: version 'two' is not one that PyPI knows",
        ),
        (
            '[[rule]]\nmatch = "generic:x"\nmax = "<2"\nreason = "r"\n',
            r":3: rule\[0\]\.max: the versions of generic packages have no defined order",
        ),
        (
            '[[rule]]\nmatch = "x"\nreach = "far"\nreason = "r"\n',
            r":3: rule\[0\]\.reach: expected one of minimal, security, latest, got 'far'",
        ),
        (
            '[[rule]]\nmatch = "CVE-2024-1"\nhold = true\nreason = "r"\n',
            r":2: rule\[0\]\.match: 'CVE-2024-1' names a finding",
        ),
        (
            '[[rule]]\nmatch = "x"\nhold = true\nreason = "r"\nexpires = "2026-02-30"\n',
            r":5: rule\[0\]\.expires: expected a day that exists",
        ),
        (
            '[[rule]]\nmatch = "x"\nhold = true\nreason = "r"\nexpires = 2026-02-03T04:05:06\n',
            r":5: rule\[0\]\.expires: expected a day that exists",
        ),
        (
            '[[rule]]\nmatch = "x"\nholds = true\n',
            r":3: rule\[0\]\.holds: unknown key; did you mean 'hold'\?",
        ),
        (
            '[[rule]]\nmatch = "*********"\nhold = true\nreason = "r"\n',
            r":2: rule\[0\]\.match: a glob has 1 to 500 characters and at most 8 stars",
        ),
        ("[rule]\nmatch = 'x'\n", r":1: rule: expected tables \(\[\[rule\]\]\), got a table"),
        ("rule = 5\n", r":1: rule: expected tables \(\[\[rule\]\]\), got 5 \(integer\)"),
        ("rules = []\n", r":1: rules: unknown key; did you mean 'rule'\?"),
        ("[[rule]\n", r":1: not valid TOML: "),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=rf"patch\.toml{complaint}"):
        read(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.toml: cannot be read: No such file"):
        load_policy(tmp_path / "no.toml", TODAY)
