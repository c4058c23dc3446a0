"""What the steps of a stage need that the variant `runtime` lacks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from careen.catalog.migrate.copied import Files, Heads
from careen.catalog.migrate.programs import of_program
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
_WORD = re.compile(r"[\w.+-]{1,100}")
_START = ("CMD", "ENTRYPOINT", "HEALTHCHECK")


def needs(stage: Stage, absent: Mapping[str, Need], files: Files) -> Iterator[StepNeed]:
    """Yield what each step of a stage needs; steps that need nothing are left out.

    `absent` are programs that the entry's `runtime` lacks, with what they are for. `files` knows
    what stages copy.
    """
    head = partial(files.head, stage)
    named = any(step.word == "USER" for step in stage.steps)
    for written in stage.steps:
        step = replace(written, word=written.inner) if written.inner else written
        found = _of_step(step, absent, head) or (None if named else _of_root(step))
        if found is not None:
            yield StepNeed(step.first, _shown(written), *found)


def _of_step(step: Instruction, absent: Mapping[str, Need], head: Heads) -> tuple[Need, str] | None:
    if step.word == "RUN":
        return _of_run(step, absent)
    if step.word == "SHELL":
        return Need.SHELL, "RUN is what needs it"
    if step.word not in _START:
        return None
    if _by_shell(step):
        if name := _tool(step, absent):
            return (
                Need.BUILD_TOOLS,
                f"only a base with build tools has {name}: copy it, or do without",
            )
        return Need.SHELL, 'the JSON form (["program", "argument"]) needs no shell'
    return of_program(_started(step), absent, head)


def _of_root(step: Instruction) -> tuple[Need, str] | None:
    """Return what a step needs that puts something below /root, None for others."""
    if step.word not in ("COPY", "ADD", "WORKDIR") or not step.values:
        return None
    if not f"{step.values[-1]}/".startswith("/root/"):
        return None
    return Need.ROOT, "the user of `runtime` cannot read /root: use another directory"


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


def _of_run(step: Instruction, absent: Mapping[str, Need]) -> tuple[Need, str]:
    for pattern, need, advice in _COMMANDS:
        if pattern.search(step.text):
            return need, advice
    if name := _tool(step, absent):
        return (
            Need.BUILD_TOOLS,
            f"only a base with build tools has {name}: use it in a stage of its own",
        )
    if step.is_list:
        return Need.NOTHING, "it starts a program without a shell; `runtime` may have that program"
    return Need.SHELL, "RUN starts /bin/sh"


def _tool(step: Instruction, absent: Mapping[str, Need]) -> str:
    """Return a word of a step that is a program of the build tools, "" for none."""
    words = _WORD.findall(step.text)
    return next((word for word in words if absent.get(word) is Need.BUILD_TOOLS), "")


def _by_shell(step: Instruction) -> bool:
    if step.word != "HEALTHCHECK":
        return not step.is_list and bool(step.values)
    return not step.is_list and bool(_started(step))


def _started(step: Instruction) -> tuple[str, ...]:
    """Return the words that a step starts, () for HEALTHCHECK NONE."""
    if step.word != "HEALTHCHECK":
        return step.values
    return step.values[1:] if step.values[:1] and step.values[0].upper() == "CMD" else ()


def _shown(step: Instruction) -> str:
    text = f"{step.word} {' '.join(step.text.split())}"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
