"""The experiments for a workload: few containers with many conditions, or one for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from careen.explore.commands import FLAGS, commands
from careen.explore.conditions import (
    BROKEN_DNS,
    LOCALE,
    LOCALE_C,
    LOCALE_POSIX,
    NO_NETWORK,
    OTHER_USER,
    READ_ONLY,
    READ_ONLY_TMP,
    ZONE,
    Condition,
    changed,
    memory,
    new_to,
    processor,
)
from careen.explore.drives import (
    END_SECONDS,
    ended,
    executed,
    in_turn,
    killed,
    restarted,
    run_again,
    signalled,
)
from careen.explore.experiment import Drive, Experiment, ReadyContainer
from careen.explore.processors import masks, patience
from careen.explore.survey import DEEP, SAFE, Survey
from careen.explore.throwaway import throwaway
from careen.model.image import ImageConfig
from careen.model.runs.exploration import Answer, Effort
from careen.model.runs.workload import ReadyExit, Workload

MIB = 1024 * 1024
LEAST_MEMORY = 32
HEALTH_SECONDS = 15.0
COMMAND_SECONDS = 60.0
READY_LEAST = 20.0
READY_TIMES = 3.0
STOP = 10.0
SECOND_START = 2000
"""Most files of a workload for a second start with `safe`. Servers and small applications use up to
a thousand; those with a model framework use several thousand, and a start takes long. A count does
not depend on the load of the machine.
"""
HUP_SECONDS = 1.0
INT_SECONDS = 30.0
START_LEAST = 30.0
START_TIMES = 6.0
"""Limit of a start, in seconds and as a multiple of what the workload needed. Others run beside it.
A service may answer all the time and never become ready.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a workload when its experiments are designed.

    `mapped` are the paths of its mapped libraries, `used_files` the number of files it used.
    `ready_seconds` and `seconds` are the times on the original until it was ready and in total.
    `prefix` precedes the ids if there are several workloads.
    """

    workload: Workload
    config: ImageConfig
    effort: Effort
    mapped: frozenset[str] = frozenset()
    used_files: int = 0
    ready_seconds: float | None = None
    seconds: float = 0.0
    prefix: str = ""
    survey: Survey = field(default_factory=lambda: Survey(SAFE))

    @property
    def is_batch(self) -> bool:
        return isinstance(self.workload.ready, ReadyExit)


def subject(workload: Workload, config: ImageConfig, effort: Effort, prefix: str = "") -> Subject:
    """Return a subject before any observation."""
    return Subject(
        workload,
        config,
        effort,
        prefix=prefix,
        survey=Survey(DEEP if effort is Effort.DEEP else SAFE),
    )


def first_experiments(of: Subject) -> tuple[Experiment, ...]:
    """Return the experiments that find what to request; empty for a batch job."""
    if of.is_batch or of.effort is Effort.OFF:
        return ()
    drives: list[Drive] = [
        of.survey.settled_and_asked,
        of.survey.abuse,
        *_health(of),
        partial(of.survey.ask_plain, mark="again"),
        of.survey.ask_late,
    ]
    if of.effort is Effort.SAFE:
        # A first process mostly ignores SIGHUP, and a reload begins at once. The orderly end is
        # part of the profile and of `elsewhere`.
        drives += [
            *(
                (restarted, partial(of.survey.ask_plain, mark="2"))
                if of.used_files <= SECOND_START
                else ()
            ),
            signalled("HUP", HUP_SECONDS),
            killed,
        ]
    return (
        _experiment(of, "requests", "requests that the tests do not make", (), in_turn(*drives)),
    )


def other_experiments(of: Subject, memory_peak: int | None) -> tuple[Experiment, ...]:
    """Return the conditions and signals; `memory_peak` is the workload's peak in bytes."""
    match of.effort:
        case Effort.OFF:
            return ()
        case Effort.SAFE:
            return tuple(_together(of))
        case Effort.DEEP:
            return (*_endings(of), *_alone(of, memory_peak))


def command_experiments(of: Subject) -> tuple[Experiment, ...]:
    """Return `--help` and `--version` of the commands, independent of other experiments."""
    return tuple(_commands(of)) if of.effort is not Effort.OFF else ()


def _together(of: Subject) -> Iterator[Experiment]:
    """Yield one experiment with all conditions.

    If the original does not start under them, mild conditions replace it together and harsh ones
    one by one.
    """
    surroundings = new_to(of.workload.run, (ZONE, LOCALE, *_processor(of)))
    harsh = new_to(of.workload.run, (OTHER_USER, READ_ONLY_TMP, NO_NETWORK))
    drive = (
        in_turn(_plain(of))
        if of.is_batch
        else in_turn(
            of.survey.awaited,
            _plain(of),
            *_health(of),
            signalled("INT", _patience(of, INT_SECONDS)),
        )
    )
    instead = (
        _experiment(
            of,
            "surroundings",
            _titles((*surroundings, BROKEN_DNS)),
            (*surroundings, BROKEN_DNS),
            drive,
        ),
        *(
            _experiment(of, each.id, each.title, (each,), drive)
            for each in harsh
            if each is not NO_NETWORK
        ),
    )
    together = (*harsh, *surroundings)
    if together:
        yield _experiment(of, "elsewhere", _titles(together), together, drive, instead)


def _alone(of: Subject, memory_peak: int | None) -> Iterator[Experiment]:
    limit = _memory(memory_peak)
    conditions = (
        *(
            OTHER_USER,
            READ_ONLY,
            READ_ONLY_TMP,
            NO_NETWORK,
            BROKEN_DNS,
            ZONE,
            LOCALE,
            LOCALE_C,
            LOCALE_POSIX,
        ),
        *_processor(of),
        *((memory(limit),) if limit and of.workload.run.memory is None else ()),
    )
    drive = in_turn(_plain(of), *(() if of.is_batch else _health(of)))
    yield from (
        _experiment(of, each.id, each.title, (each,), drive)
        for each in new_to(of.workload.run, conditions)
    )


def _endings(of: Subject) -> Iterator[Experiment]:
    if of.is_batch:
        yield _experiment(
            of,
            "run-again",
            "a second run on the same root",
            (),
            in_turn(ended("run"), run_again(_limit(of))),
        )
        return
    for name in ("HUP", "INT", "TERM"):
        yield _experiment(
            of,
            f"signal-{name.lower()}",
            f"SIG{name}",
            (),
            in_turn(signalled(name, END_SECONDS), partial(_if_running, _plain(of))),
        )
    yield _experiment(
        of,
        "restart",
        "a second start on the same root",
        (),
        in_turn(_plain(of), restarted, partial(of.survey.ask_plain, mark="2")),
    )


def _if_running(drive: Drive, live: ReadyContainer) -> Iterator[Answer]:
    if live.container.state().running:
        yield from drive(live)


def _commands(of: Subject) -> Iterator[Experiment]:
    """Yield `--help` and `--version` of each command, each in its own container.

    An experiment whose container becomes ready as the service does has ignored the flag and is
    ended.
    """
    for number, words in enumerate(commands(of.config, of.workload.run)):
        made: list[Experiment] = []
        for flag in FLAGS:
            run = replace(throwaway(of.workload.run), entrypoint=words[0], args=(*words[1:], flag))
            name = f"{of.prefix}{flag.strip('-')}" + (f"-{number + 1}" if number else "")
            workload = replace(
                _bare(of), run=run if not of.is_batch else replace(run, ports=()), ready=ReadyExit()
            )
            title = " ".join((*words, flag))
            made.append(
                Experiment(
                    name,
                    title,
                    workload,
                    ended(title),
                    COMMAND_SECONDS,
                    None if of.is_batch else of.workload.ready,
                )
            )
        # A command that ignores one flag hardly knows the other.
        yield replace(made[0], then=tuple(made[1:]))


def _experiment(
    of: Subject,
    name: str,
    title: str,
    conditions: Sequence[Condition],
    drive: Drive,
    instead: tuple[Experiment, ...] = (),
) -> Experiment:
    run = changed(throwaway(of.workload.run), conditions)
    given = {*of.config.env, *(word.partition("=")[0] for word in run.env)}
    quiet = (word for word in patience(of.mapped) if word.partition("=")[0] not in given)
    workload = replace(_bare(of), run=replace(run, env=(*run.env, *quiet)))
    shares = run.network != "none" or run.volumes or run.compose is not None
    return Experiment(
        f"{of.prefix}{name}",
        title,
        workload,
        drive,
        _limit(of) if of.is_batch else None,
        instead=instead,
        aside=not shares,
    )


def _bare(of: Subject) -> Workload:
    """Return the workload without tests, with limits that are multiples of its own times."""
    limits = of.workload.limits
    ready = (
        limits.ready
        if of.ready_seconds is None
        else min(limits.ready, max(START_LEAST, START_TIMES * of.ready_seconds))
    )
    return replace(
        of.workload,
        tests=(),
        held_out=(),
        observe=0.0,
        limits=replace(limits, ready=ready, stop=min(limits.stop, STOP)),
    )


def _limit(of: Subject) -> float:
    """Return the limit of a batch job in seconds."""
    return (
        min(of.workload.limits.test, max(READY_LEAST, READY_TIMES * of.seconds))
        if of.seconds
        else of.workload.limits.test
    )


def _patience(of: Subject, most: float) -> float:
    """Return how long to wait for the end after a signal, in seconds."""
    return min(max(2 * (of.ready_seconds or most), 1.0), most)  # a fast start means a fast end


def _plain(of: Subject) -> Drive:
    return ended("run") if of.is_batch else of.survey.ask_plain


def _health(of: Subject) -> tuple[Drive, ...]:
    argv, healthcheck = of.config.healthcheck_argv, of.config.healthcheck
    return (
        (
            executed(
                "HEALTHCHECK", argv, (healthcheck.timeout if healthcheck else 0) or HEALTH_SECONDS
            ),
        )
        if argv
        else ()
    )


def _processor(of: Subject) -> tuple[Condition, ...]:
    variables = masks(of.mapped)
    return (processor(variables),) if variables else ()


def _memory(peak: int | None) -> str | None:
    """Return the power of two below the workload's peak, which is stable from run to run."""
    if peak is None or peak < 2 * LEAST_MEMORY * MIB:
        return None
    return f"{1 << ((peak // MIB - 1).bit_length() - 1)}m"


def _titles(conditions: Sequence[Condition]) -> str:
    return "; ".join(each.title for each in conditions)
