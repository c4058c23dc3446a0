"""A catalog that stays fresh in a registry: what is pushed, what the contract holds back, and what
a kill in the middle leaves.
"""

import signal
from pathlib import Path

import pytest

from tests.support.base_archive import base_archive
from tests.support.careen_command import Careen
from tests.support.deb_archive import Deb
from tests.support.debian_registry import Registry
from tests.support.tiny_catalog import CATALOG, greeter

pytestmark = [
    pytest.mark.mmdebstrap,
    pytest.mark.docker,
    pytest.mark.skopeo,
    pytest.mark.registry,
    pytest.mark.slow,
]

CLOSES = "#!/bin/sh\nchmod 700 /usr/bin\n"
REPOSITORY = "bases/tiny"


def test_a_registry_serves_what_the_contract_lets_through(
    tmp_path: Path, registry: Registry
) -> None:
    archive = base_archive(tmp_path / "archive")
    archive.offer([greeter("1.0")])
    run = tmp_path / "run"
    run.mkdir()
    (run / "own.toml").write_text(CATALOG)
    careen = Careen(run, {"XDG_DATA_HOME": str(tmp_path / "data"), **registry.env})
    words: tuple[str | Path, ...] = (
        *("base", "refresh", "tiny:trixie", "--catalog", run / "own.toml", "--push"),
        *("--repository", f"{registry.host}/bases", "--state", run / "state"),
        *("--source", archive.line, "--source-key", archive.key),
    )
    careen.interrupted(*words, when="promote: pushing", by=signal.SIGKILL)
    assert registry.tags(REPOSITORY) == []
    (first,) = careen(*words, "--json").document["bases"]
    day = first["names"][0].rpartition(":")[2]
    assert registry.tags(REPOSITORY) == sorted([day, "13-compat", "13.4-compat", "trixie-compat"])
    digest = registry.tagged(REPOSITORY, day)
    assert registry.tagged(REPOSITORY, "13-compat") == first["served"] == digest

    against = f"tiny:trixie={registry.image(f'{REPOSITORY}:{day}')}"
    archive.offer([Deb("greeter", "1.1", files=greeter("1.1").files, scripts={"postinst": CLOSES})])
    (held,) = careen(*words, "--against", against, "--json", status=3).document["bases"]
    assert held["action"] == "held back"
    assert " of the contract with docker://" in held["detail"]
    assert {registry.tagged(REPOSITORY, tag) for tag in registry.tags(REPOSITORY)} == {digest}

    archive.offer([greeter("1.2")])
    (found,) = careen(*words, "--against", against, "--json").document["bases"]
    assert found["action"] == "promoted"
    assert registry.tagged(REPOSITORY, day) == digest
    newer = registry.tagged(REPOSITORY, f"{day}.2")
    assert newer == registry.tagged(REPOSITORY, "13.4-compat") != digest
    assert careen.runs() == []
