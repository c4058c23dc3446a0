"""The options of FIPS mode: each needs --fips, and a file that is there."""

from pathlib import Path
from typing import Any

import pytest

from careen.cli.settle_fips import fips_wishes
from careen.errors import InputError
from careen.workload.configuration.project import ProjectConfig

NOTHING: dict[str, Any] = {
    "fips": False,
    "fips_module": None,
    "fips_cert": None,
    "fips_certificates": None,
}


def wishes(**given: Any) -> Any:
    return fips_wishes({**NOTHING, **given}, ProjectConfig())


def test_without_fips_there_is_no_wish() -> None:
    assert wishes() is None


@pytest.mark.parametrize(
    ("key", "value", "option"),
    [
        ("fips_module", Path("fips.so"), "--fips-module"),
        ("fips_cert", 4985, "--fips-cert"),
        ("fips_certificates", Path("list.toml"), "--fips-certificates"),
    ],
)
def test_options_that_need_fips(key: str, value: Any, option: str) -> None:
    with pytest.raises(InputError, match=f"^{option}: only applies to FIPS mode: add --fips"):
        wishes(**{key: value})


def test_file_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "fips.so"
    with pytest.raises(InputError, match=r"--fips-module '.*': there is no such file here"):
        wishes(fips=True, fips_module=missing)
    missing.write_bytes(b"x")
    found = wishes(fips=True, fips_module=missing, fips_cert=4985)
    assert (found.module, found.certificate) == (missing, 4985)
