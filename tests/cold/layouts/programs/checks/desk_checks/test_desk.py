import doctest

import pytest


def test_order(desk):
    assert (desk / "order").read_text() == "tea"


@pytest.mark.parametrize("number", [1, 2])
def test_numbers(number, monkeypatch, capsys):
    print(number)
    assert capsys.readouterr().out == f"{number}\n"


def test_docs():
    assert doctest.testmod(doctest).failed == 0
