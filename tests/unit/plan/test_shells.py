"""A shell that the application starts with a line made at run time: no profile, no literal names
its commands.
"""

import pytest

from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import RuleSet, load_rules
from tests.support.plans import NO_RULES, Case, Files, elf, plan_for
from tests.support.trees import Link

RULES = load_rules()
FILES: Files = {
    "/usr/bin/dash": elf(("libc.so",)),
    "/usr/bin/sh": Link("dash"),
    "/usr/bin/tac": elf(),
    "/usr/lib/libc.so": elf(),
    "/usr/bin/gs": elf(),
}
STARTS = {
    "a process with shell=True": "subprocess.run(command, shell=True, timeout=20)\n",
    "os.popen": "os.popen(line).read()\n",
    "asyncio": "await asyncio.create_subprocess_shell(line)\n",
    "getoutput": "subprocess.getoutput(line)\n",
}


def case(source: str) -> Case:
    return Case(
        {**FILES, "/app/tool.py": source},
        {"/app/tool.py": Use.OPENED},
        (),
        run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
    )


@pytest.mark.parametrize("name", STARTS)
def test_a_shell_and_its_usual_commands_stay_when_the_application_starts_one(name: str) -> None:
    kept = plan_for(case(STARTS[name]), rules=RULES).keep
    assert {"/usr/bin/sh", "/usr/bin/dash", "/usr/lib/libc.so", "/usr/bin/tac"} <= set(kept)
    assert ImagePath("/usr/bin/gs") not in kept
    without = RuleSet(tuple(rule for rule in RULES.rules if rule.id != "shell-of-the-application"))
    for rules in (without, NO_RULES):
        assert ImagePath("/usr/bin/tac") in plan_for(case(STARTS[name]), rules=rules).remove


def test_an_application_without_a_shell_keeps_none() -> None:
    plan = plan_for(case("subprocess.run([command], shell=False)\n"), rules=RULES)
    assert {"/usr/bin/sh", "/usr/bin/tac"} <= set(plan.remove)


def test_both_rules_about_shells_mean_the_same_commands() -> None:
    ran, started = (
        next(rule for rule in RULES.rules if rule.id == ident)
        for ident in ("shell-commands", "shell-of-the-application")
    )
    assert ran.commands == started.commands
