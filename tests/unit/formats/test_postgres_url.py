"""A URL of PostgreSQL in messages: nothing of its password, whatever that holds."""

import pytest

from careen.errors import InputError
from careen.fleet.store.place import opened
from careen.formats.postgres_url import name_of_database


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://user:secret@127.0.0.1:1/none?sslmode=disable", "127.0.0.1:1/none"),
        ("postgresql:///fleet", "/fleet"),
        ("postgres://u:s%2Fe%40c@h/db?password=secret", "h/db"),
        ("postgresql://u:sec#ret@h/db", "h/db"),
        ("postgresql://u:sec[ret@h/db", "h/db"),
        ("postgresql://u@[::1]:5432/db", "[::1]:5432/db"),
    ],
)
def test_a_database_is_named_by_host_port_and_name_alone(url: str, name: str) -> None:
    assert name_of_database(url) == f"postgresql://{name}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:pa/zz@h/db",
        "postgresql://u:12/zz@h/db",
        "postgresql://u:pa@zz@h/db",
        "postgresql://u:secr%zzet@h/db",
        "postgresql://u:zz[x]@h]/db/a@b",
        "postgresql://h/db?zz=secret",
    ],
)
@pytest.mark.parametrize("write", [True, False])
def test_a_url_that_cannot_be_read_is_not_quoted(url: str, *, write: bool) -> None:
    with pytest.raises(InputError, match="percent-encoded") as failed, opened(url, write=write):
        pass
    assert "zz" not in str(failed.value)
    assert "secr" not in str(failed.value)
