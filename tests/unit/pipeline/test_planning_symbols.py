"""Planning drops symbols by default, at every level, and counts them; `--keep-symbols` and
`keep_symbols` keep them.
"""

from pathlib import Path

import pytest

from careen.cli import settle
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.summary import SymbolTotals
from careen.pipeline.run.plan_totals import symbol_totals
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.settings import PlanChoices
from careen.workload.configuration.project import ProjectConfig, load_config
from tests.support.adequacies import examined, observation, profile, trace
from tests.support.linked_elf import DEBUG, SYMBOLS, Layout, linked
from tests.support.trees import Exec, tree

PROGRAM = linked(Layout(kind=2, unloaded=(*DEBUG, *SYMBOLS)))
ODD = linked(Layout(payload=b"an archive"))
IMAGE = examined(
    tree({"/app/start.sh": Exec(PROGRAM), "/app/packed": Exec(ODD), "/app/text": "no ELF file"}),
    (),
    {"Entrypoint": ["/app/start.sh"]},
)
BOM = profile(
    IMAGE, observation(trace({"/app/packed": 1.0, "/app/text": 1.0}, ("/app/start.sh",)))
).bom


@pytest.mark.parametrize("level", list(Level))
def test_symbols_go_at_every_level_and_what_stays_has_a_reason(level: Level) -> None:
    plan = make_plan(IMAGE, BOM, PlanChoices(level))
    assert plan.symbols is not None
    assert list(plan.symbols.dropped) == ["/app/start.sh"]
    assert plan.symbols.left == {
        "/app/packed": "bytes that are in no section lie behind what is loaded"
    }
    saved = plan.symbols.dropped[ImagePath("/app/start.sh")]
    assert symbol_totals(plan, IMAGE.rootfs) == SymbolTotals(
        1, saved, (("bytes that are in no section lie behind what is loaded", 1),)
    )
    assert 0 < saved < len(PROGRAM)


def test_they_stay_when_the_user_says_so(tmp_path: Path) -> None:
    plan = make_plan(IMAGE, BOM, PlanChoices(keep_symbols=True))
    assert plan.symbols is None
    assert symbol_totals(plan, IMAGE.rootfs) is None
    assert settle.choices({}, ProjectConfig()).keep_symbols is False
    assert settle.choices({"keep_symbols": True}, ProjectConfig()).keep_symbols is True
    (tmp_path / "careen.toml").write_text("keep_symbols = true\n")
    assert (
        settle.choices({"keep_symbols": False}, load_config(tmp_path / "careen.toml")).keep_symbols
        is True
    )
    assert settle.given_choices({"keep_symbols": True}) == "--keep-symbols"
