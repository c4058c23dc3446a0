"""An unproven entry says so wherever its image is made: from an image, and in a pass."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from careen.catalog.entries import load_catalog
from careen.catalog.recipe import recipe
from careen.errors import InputError
from careen.model.catalog.contract import Contract
from careen.model.catalog.curated import CuratedBase
from careen.model.catalog.entry import Variant
from careen.model.catalog.refresh import RefreshOutcome, RefreshResult
from careen.model.measure import Measure
from careen.pipeline.refreshing.one import refresh_one
from careen.report.documents.document import to_json
from careen.report.terminal_output.screen import open_console
from careen.report.views.curated import print_curated
from careen.report.views.refresh import print_refresh, refresh_lines

DOUBT = "never built from Alpine's own archive"


def test_a_base_of_an_image_says_that_its_entry_is_unproven() -> None:
    figures = Measure("x", "sha256:1", 1, 1, {}, 0, 0, 0, 0, 0)
    contract = Contract("a", "b", "runtime", ())
    built = CuratedBase(
        *("alpine:3.23", "runtime", figures, figures, None, 0, 0, (), 0, contract, ("my:1",)),
        unproven=DOUBT,
    )
    print_curated(open_console(out := io.StringIO(), 100), built)
    assert DOUBT in out.getvalue()
    assert DOUBT in to_json(built).decode()


def outcome(tmp_path: Path) -> RefreshOutcome:
    catalog = load_catalog(())
    wanted = recipe(catalog, catalog.find("alpine:3.23"), Variant.RUNTIME)

    def offered(*_: object) -> None:
        msg = "no source"
        raise InputError(msg)

    work = SimpleNamespace(request=SimpleNamespace(state=tmp_path), offered=offered)
    return refresh_one(wanted, cast("Any", work))


def test_a_pass_says_that_an_entry_is_unproven(tmp_path: Path) -> None:
    result = RefreshResult((outcome(tmp_path),), 1.0, dry_run=False)
    print_refresh(open_console(out := io.StringIO(), 100), result)
    for said in (out.getvalue(), *refresh_lines(result), to_json(result).decode()):
        assert DOUBT in said
