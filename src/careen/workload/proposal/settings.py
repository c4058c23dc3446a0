"""The settings of a workload that follow from its facts and its tests, each with its source."""

from collections.abc import Sequence
from dataclasses import dataclass

from careen.workload.proposal.facts import Facts
from careen.workload.proposal.found_tests import FoundTest

OBSERVED = "30s"


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of careen.toml, and the comment that says where it comes from.

    A setting that is not `active` is written as a comment: it says what to fill in.
    """

    key: str
    value: str | tuple[str, ...]
    source: str
    active: bool = True


def workload_settings(facts: Facts, tests: Sequence[FoundTest]) -> tuple[Setting, ...]:
    """Return the settings of one workload, in the order in which they are written."""
    return (
        *_readiness(facts),
        *_tests(facts, tests),
        *_ports(facts, tests),
        *_environment(facts),
        *_user(facts),
        *_volumes(facts),
    )


def _readiness(facts: Facts) -> tuple[Setting, ...]:
    if facts.health:
        return (
            Setting(
                "ready",
                "/health",
                f"{facts.origin} has a HEALTHCHECK, which says when it is ready: {facts.health}",
                active=False,
            ),
        )
    if not facts.ports and facts.is_worker:
        source = (
            f"{facts.origin} has no port and no health check: nothing says when it is ready, so it"
            " is ready at once. Better: log:REGEX of a line that it prints"
        )
        return (Setting("ready", "cmd:true", source),)
    if not facts.ports:
        command = f" It runs: {facts.command}." if facts.command else ""
        return (
            Setting(
                "ready",
                "exit",
                f"{facts.origin} exposes no port and has no HEALTHCHECK: taken for a batch job,"
                f" which is done when it ends.{command} For a service write /health or tcp:PORT",
            ),
        )
    if len(facts.ports) == 1:
        source = f"{facts.origin} has no HEALTHCHECK: ready when port {facts.ports[0]} answers"
    else:
        source = (
            f"{facts.origin} has no HEALTHCHECK and exposes {_list(facts.ports)}: ready when one of"
            " them answers, the first preferred. To be sure, name one"
        )
    return (Setting("ready", f"tcp:{facts.ports[0]}", source, active=False),)


def _tests(facts: Facts, tests: Sequence[FoundTest]) -> tuple[Setting, ...]:
    good = [test for test in tests if not test.trouble]
    out = [
        Setting(
            "test",
            (test.command,),
            f"found in {test.source}, not used: it {test.trouble}",
            active=False,
        )
        for test in tests
        if test.trouble
    ]
    if good and facts.is_service:
        sources = "; ".join(dict.fromkeys(test.source for test in good))
        out.append(Setting("test", tuple(test.command for test in good), f"found in {sources}"))
        return tuple(out)
    if not facts.is_service:
        source = "its exit status is its test. A command on this machine can check what it wrote"
        return (*out, Setting("test", ("test -s out/result.json",), source, active=False))
    source = (
        "no test here asks the service. Write one: it runs on this machine, and finds the service"
        " at $BASE_URL"
    )
    example = Setting("test", ('curl -fsS "$BASE_URL/"',), source, active=False)
    watch = Setting(
        "observe", OBSERVED, "without a test, careen watches the ready service for this long"
    )
    return (*out, example, watch)


def _ports(facts: Facts, tests: Sequence[FoundTest]) -> tuple[Setting, ...]:
    fixed = {test.fixed: test.source for test in tests if test.fixed is not None}
    if fixed:
        words = tuple(f"{port}:{port}" for port in fixed)
        source = f"{', '.join(fixed.values())} asks this port of this machine"
        return (Setting("ports", words, source),)
    if not facts.ports:
        return ()
    source = f"exposed by {facts.origin}; published on free ports of 127.0.0.1 anyway"
    return (Setting("ports", tuple(map(str, facts.ports)), source, active=False),)


def _environment(facts: Facts) -> tuple[Setting, ...]:
    out = []
    if facts.asked:
        source = (
            "named without a value beside this file: each takes its value from the environment that"
            " careen runs in, so this file holds no secret"
        )
        out.append(Setting("env", facts.asked, source))
    # an image that nobody checked must not choose which secret it is given
    if unset := tuple(name for name in facts.unset if name not in facts.asked):
        source = (
            f"{facts.origin} has these without a value. A name alone gives the container the value"
            " that it has where careen runs: name what it may have"
        )
        out.append(Setting("env", unset, source, active=False))
    return tuple(out)


def _user(facts: Facts) -> tuple[Setting, ...]:
    if facts.user:
        source = f"the user of {facts.origin}; another one is a way to run it, not a change to it"
        return (Setting("user", facts.user, source, active=False),)
    return (Setting("user", "1000", f"{facts.origin} runs as root", active=False),)


def _volumes(facts: Facts) -> tuple[Setting, ...]:
    source = f"a volume of {facts.origin}, empty at each start. To fill it, name a directory"
    return tuple(
        Setting("volumes", (f"./data:{path}",), source, active=False) for path in facts.volumes[:1]
    )


def _list(ports: Sequence[int]) -> str:
    return f"{', '.join(map(str, ports[:-1]))} and {ports[-1]}"
