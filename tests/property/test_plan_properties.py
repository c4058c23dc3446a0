"""What holds for every plan: a partition, the same for any order of its inputs, and levels that
only widen.
"""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.decide import Policy, decide
from careen.plan.scanners.imports import imported, started
from careen.plan.store import read_plan, write_plan
from tests.support.plans import Case, elf, plan_for, scene_of
from tests.support.trees import Link

RULES = load_rules()
NAMES = (
    "/bin/sh",
    "/usr/lib/liba.so",
    "/usr/lib/libb.so",
    "/app/m.py",
    "/app/t/x",
    "/opt/q/r/s",
    "/etc/passwd",
    "/data/a",
    "/loop",
)
FILES = {
    name: elf(("liba.so",))
    if name == "/bin/sh"
    else elf(("libb.so",))
    if name.endswith(".so")
    else "import os\n"
    for name in NAMES[:-1]
}


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(NAMES)), st.randoms(use_true_random=False))
def test_a_plan_is_a_partition_and_does_not_depend_on_order(used: set[str], random: object) -> None:
    files = {**FILES, "/loop": Link("loop")}
    case = Case(
        files, dict.fromkeys(sorted(used), Use.OPENED), (), run={"WorkingDir": "/app"}, rules=RULES
    )
    rootfs, inventory, bom, config = scene_of(case)
    shuffled = list(bom.files)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    policy = Policy(Level.CLOSURE, (), (), RULES, "a" * 64)
    plan = decide(rootfs, inventory, bom, config, policy)
    assert decide(rootfs, inventory, replace(bom, files=tuple(shuffled)), config, policy) == plan
    assert set(plan.keep).isdisjoint(plan.remove)
    assert set(plan.keep) | set(plan.remove) == {entry.path for entry in rootfs}
    assert used <= set(plan.keep)
    assert set(plan_for(case, Level.OBSERVED).keep) <= set(plan.keep)
    assert read_plan(write_plan(plan)) == plan


@given(st.binary(max_size=2000))
def test_scanning_any_bytes_as_source_ends(source: bytes) -> None:
    assert all(isinstance(name, str) for name in imported(source))
    assert all(isinstance(words, tuple) for words in started(source))


@given(
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.sampled_from(
        [
            "import {}",
            "  from {}.x import y",
            "try: import {}",
            "if 1:\n\timport {} as z",
            "x = 1; import {}",
        ]
    ),
)
def test_every_form_of_import_is_found(name: str, form: str) -> None:
    assert name in imported(f"# text\n{form.format(name)}\n".encode())
