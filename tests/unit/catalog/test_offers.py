"""Files with passwords of sources: only their owner reads them, and none stays after a pass."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from careen.catalog import isolation
from careen.catalog.alpine.family import ALPINE
from careen.catalog.debian import offers as apt
from careen.catalog.debian.family import DEBIAN
from careen.catalog.port import Family, PackageSources
from careen.catalog.rpm.family import REDHAT
from careen.errors import ToolError
from careen.pipeline.refreshing import refresh
from careen.tools.process import Finished, Program

SOURCES = PackageSources(
    ("deb https://user:secret@mirror.test/debian trixie main",),
    (),
    ('Acquire::http::Proxy "http://user:secret@proxy.test";',),
)


def with_password(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and "secret" in path.read_text():
            yield path


@pytest.mark.parametrize("family", [DEBIAN, ALPINE, REDHAT], ids=lambda each: each.title)
@pytest.mark.parametrize("status", [0, 1])
def test_a_password_of_a_source_is_private_and_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: Family, status: int
) -> None:
    seen: set[int] = set()

    def run(*_: object, **__: object) -> Finished:
        seen.update(each.stat().st_mode & 0o777 for each in with_password(tmp_path))
        return Finished(status, b"", b"")

    monkeypatch.setattr(isolation, "run", run)
    monkeypatch.setattr(apt, "run", run)
    monkeypatch.setattr(Program, "path", lambda self: self.names[0])
    found = family.offers(tmp_path / "lists", SOURCES, "9", "amd64")
    with contextlib.suppress(ToolError):
        found.update()
    assert seen == {0o600}
    found.close()
    assert not list(with_password(tmp_path))
    found.close()


@pytest.mark.parametrize("failure", [None, ToolError("no network")])
def test_a_pass_closes_what_it_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: ToolError | None
) -> None:
    family = Mock(spec=Family)
    family.offers.return_value.update.side_effect = failure
    monkeypatch.setattr(refresh, "family_of", lambda _: family)
    monkeypatch.setattr(refresh, "architecture", lambda _: "amd64")
    offers = family.offers.return_value
    with contextlib.ExitStack() as opened:
        found = refresh._updated(SOURCES, tmp_path, Mock(release="9"), opened)
        assert found is (failure or offers)
        offers.close.assert_not_called()
    offers.close.assert_called_once_with()
