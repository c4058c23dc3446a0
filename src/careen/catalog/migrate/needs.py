"""What the steps of a stage need that the variant `runtime` lacks."""

import re
from collections.abc import Iterator, Sequence

from careen.catalog.migrate.stages import Instruction, Stage
from careen.model.catalog.entry import Variant
from careen.model.catalog.migration import Need, StepNeed

_SHOWN = 100
_COMMANDS: Sequence[tuple[re.Pattern[str], Need, str]] = (
    (
        re.compile(r"\b(?:apt-get|apt|dpkg|apk|dnf|microdnf|yum)\b"),
        Need.PACKAGE_MANAGER,
        "packages that the program needs at run time belong into an entry of your own (`inherits`)",
    ),
    (
        re.compile(r"\b(?:gcc|g\+\+|make|cmake|cargo|go build|javac|mvn|gradlew?|setup\.py)\b"),
        Need.BUILD_TOOLS,
        "compile in a stage of its own, and copy the result",
    ),
    (
        re.compile(r"\b(?:pip3?|uv|poetry|npm|yarn|pnpm|npx)\b"),
        Need.BUILD_TOOLS,
        "install in a stage of its own, and copy the packages",
    ),
    (
        re.compile(r"\b(?:useradd|adduser|groupadd|addgroup|usermod)\b"),
        Need.ROOT,
        "the base has the user nonroot (65532): USER 65532 needs no step",
    ),
    (
        re.compile(r"\b(?:chown|chmod|mkdir|ln)\b"),
        Need.SHELL,
        "COPY --chown and --chmod, and WORKDIR, need no shell",
    ),
)
_START = ("CMD", "ENTRYPOINT", "HEALTHCHECK")


def needs(stage: Stage) -> Iterator[StepNeed]:
    """Yield what each step of a stage needs; steps that need nothing are left out."""
    for step in stage.steps:
        if step.word == "RUN":
            need, advice = _of_run(step)
            yield StepNeed(step.first, _shown(step), need, advice)
        elif step.word in _START and _by_shell(step):
            advice = 'the JSON form (["program", "argument"]) needs no shell'
            yield StepNeed(step.first, _shown(step), Need.SHELL, advice)
        elif step.word == "SHELL":
            yield StepNeed(step.first, _shown(step), Need.SHELL, "RUN is what needs it")


def variant_for(found: Sequence[StepNeed], *, last: bool, full: bool) -> Variant:
    """Return the variant that runs a stage as it is: `runtime` if no step needs more.

    A stage that others copy from gets `dev`; the last one `compat`, or `dev` if upstream was `full`
    of compilers and a step installs something.
    """
    if not found:
        return Variant.RUNTIME
    installs = any(each.need in (Need.BUILD_TOOLS, Need.PACKAGE_MANAGER) for each in found)
    if not last or (full and installs):
        return Variant.DEV
    return Variant.COMPAT


def _of_run(step: Instruction) -> tuple[Need, str]:
    for pattern, need, advice in _COMMANDS:
        if pattern.search(step.text):
            return need, advice
    if step.is_list:
        return Need.NOTHING, "it starts a program without a shell; `runtime` may have that program"
    return Need.SHELL, "RUN starts /bin/sh"


def _by_shell(step: Instruction) -> bool:
    if step.word == "HEALTHCHECK":
        words = [word for word in step.values if not word.startswith("--")]
        if not words or words[0].upper() == "NONE":
            return False
        rest = " ".join(words).removeprefix("CMD").strip()
        return bool(rest) and not (step.is_list or rest.startswith("["))
    return not step.is_list and bool(step.values)


def _shown(step: Instruction) -> str:
    text = f"{step.word} {' '.join(step.text.split())}"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
