"""Keep rules for what every system has."""

import pytest

from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import Case, Files, elf, plan_for

RULES = load_rules()


@pytest.mark.parametrize(
    "entry",
    [
        "/usr/share/terminfo/x/xterm-256color",  # Debian from 13 on
        "/usr/share/terminfo/78/xterm",  # where names of directories are hexadecimal
        "/usr/lib/terminfo/l/linux",
        "/lib/terminfo/v/vt100",
    ],
)
def test_common_terminals_stay_beside_the_library_that_looks_them_up(entry: str) -> None:
    library, rare = "/usr/lib/x86_64-linux-gnu/libtinfo.so.6", "/usr/share/terminfo/2/2621"
    files: Files = {library: elf(), entry: "", rare: "", "/usr/bin/other": elf()}
    plan = plan_for(Case(files, {library: Use.MAPPED}, (), rules=RULES))
    assert plan.keep[ImagePath(entry)].code == "rule:terminfo"
    assert ImagePath(rare) in plan.remove
    without = plan_for(Case(files, {"/usr/bin/other": Use.EXECUTED}, (), rules=RULES))
    assert ImagePath(entry) in without.remove
