"""Which experiments are made: deterministic, few or one by one, and none that could touch what is
the user's.
"""

from dataclasses import replace
from typing import Any

import pytest

from careen.explore.commands import commands
from careen.explore.design import (
    Subject,
    command_experiments,
    first_experiments,
    other_experiments,
    subject,
)
from careen.explore.drives import restarted
from careen.explore.experiment import Experiment
from careen.explore.processors import masks
from careen.explore.throwaway import throwaway
from careen.model.image import ImageConfig
from careen.model.runs.exploration import Effort
from careen.model.runs.workload import (
    Limits,
    ReadyExit,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
)

MIB = 1024 * 1024
TEST = TestCommand(TestPlace.HOST, "true")


def config(**run: Any) -> ImageConfig:
    return ImageConfig(
        {"config": {"Entrypoint": ["/usr/bin/serve"], "Cmd": ["--port", "80"], **run}}
    )


def known(workload: Workload, effort: Effort, **run: Any) -> Subject:
    return replace(
        subject(workload, config(**run), effort),
        mapped=frozenset({"/lib/x86_64-linux-gnu/libc.so.6"}),
        ready_seconds=4.0,
        seconds=9.0,
    )


def named(experiments: tuple[Experiment, ...], name: str) -> Experiment:
    return next(each for each in experiments if each.id == name)


SERVICE = Workload("serve", tests=(TEST,), observe=5.0, held_out=(TEST,))


def test_safe_combines_conditions() -> None:
    of = known(SERVICE, Effort.SAFE)
    first, rest = first_experiments(of), other_experiments(of, 100 * MIB)
    assert [each.id for each in (*first, *rest)] == ["requests", "elsewhere"]
    assert [each.id for each in named(rest, "elsewhere").instead] == [
        "surroundings",
        "other-user",
        "read-only-tmp",
    ]
    run = named(rest, "elsewhere").workload.run
    assert (run.user, run.read_only, run.tmpfs, run.network) == ("12345", True, ("/tmp",), "none")
    assert run.env[:3] == ("TZ=Asia/Kathmandu", "LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8")
    assert run.env[3].startswith("GLIBC_TUNABLES=glibc.cpu.hwcaps=-")
    assert first[0].workload.run == RunOptions()


@pytest.mark.parametrize(
    ("options", "aside"),
    [
        ({}, ["elsewhere"]),
        ({"network": "none"}, ["requests", "elsewhere"]),
        ({"network": "host"}, ["elsewhere"]),
        ({"volumes": ("/srv/data:/data",)}, []),
    ],
)
def test_only_what_nothing_outside_can_notice_may_run_beside_the_workloads(
    options: dict[str, Any], aside: list[str]
) -> None:
    of = known(replace(SERVICE, run=RunOptions(**options)), Effort.SAFE)
    made = (*first_experiments(of), *other_experiments(of, None), *command_experiments(of))
    assert [each.id for each in made if each.aside] == aside


@pytest.mark.parametrize(("files", "restarts"), [(0, True), (2000, True), (2001, False)])
@pytest.mark.parametrize(
    ("ready", "seconds"), [(0.1, 3.0), (4.0, 9.0), (12.0, 40.0), (12.0, 100.0)]
)
def test_a_second_start_is_made_where_it_costs_little_and_no_clock_decides(
    files: int, ready: float, seconds: float, monkeypatch: pytest.MonkeyPatch, *, restarts: bool
) -> None:
    made: list[Any] = []
    monkeypatch.setattr("careen.explore.design.in_turn", lambda *drives: made.extend(drives))
    first_experiments(
        replace(known(SERVICE, Effort.SAFE), ready_seconds=ready, seconds=seconds, used_files=files)
    )
    assert (restarted in made) is restarts


@pytest.mark.parametrize("seconds", [0.5, 8.0, 300.0])
def test_the_same_experiments_are_made_however_long_a_start_took(seconds: float) -> None:
    of = replace(known(SERVICE, Effort.SAFE), ready_seconds=seconds, seconds=3 * seconds)
    made = (*first_experiments(of), *other_experiments(of, 100 * MIB), *command_experiments(of))
    assert [(each.id, each.limit, [follower.id for follower in each.then]) for each in made] == [
        ("requests", None, []),
        ("elsewhere", None, []),
        ("help", 60.0, ["version"]),
    ]


def test_deep_tries_each_alone() -> None:
    of = known(SERVICE, Effort.DEEP)
    ids = [each.id for each in (*first_experiments(of), *other_experiments(of, 900 * MIB))]
    expected = (
        "requests signal-hup signal-int signal-term restart other-user read-only read-only-tmp"
        " no-network broken-dns time-zone locale locale-c"
    )
    assert ids == [*expected.split(), "locale-posix", "processor", "low-memory"]
    alone = named(other_experiments(of, 900 * MIB), "other-user").workload.run
    assert alone == RunOptions(user="12345")
    assert named(other_experiments(of, 900 * MIB), "low-memory").workload.run.memory == "512m"
    assert named(other_experiments(of, 900 * MIB), "broken-dns").workload.run.dns == ("192.0.2.1",)


@pytest.mark.parametrize(
    ("peak", "limit"),
    [
        (None, None),
        (40 * MIB, None),
        (64 * MIB, "32m"),
        (65 * MIB, "64m"),
        (1024 * MIB, "512m"),
        (1025 * MIB, "1024m"),
    ],
)
def test_little_memory_is_the_power_of_two_below_the_peak(
    peak: int | None, limit: str | None
) -> None:
    found = [
        each
        for each in other_experiments(known(SERVICE, Effort.DEEP), peak)
        if each.id == "low-memory"
    ]
    assert [each.workload.run.memory for each in found] == ([limit] if limit else [])


def test_off_is_nothing() -> None:
    of = known(SERVICE, Effort.OFF)
    assert first_experiments(of) == other_experiments(of, None) == command_experiments(of) == ()


def test_no_experiment_has_the_users_tests_and_its_limits_follow_the_original() -> None:
    of = known(replace(SERVICE, limits=Limits(ready=300, stop=30)), Effort.DEEP)
    for each in (*first_experiments(of), *other_experiments(of, None), *command_experiments(of)):
        assert (each.workload.tests, each.workload.held_out, each.workload.observe) == ((), (), 0.0)
        assert (each.workload.limits.ready, each.workload.limits.stop) == (30.0, 10.0)
    slow = replace(of, ready_seconds=40.0)
    assert first_experiments(slow)[0].workload.limits.ready == 240.0


def test_what_the_user_asked_for_anyway_is_no_condition() -> None:
    mine = RunOptions(user="12345", read_only=True, tmpfs=("/tmp:size=1g",), network="none")
    of = known(replace(SERVICE, run=mine), Effort.DEEP)
    ids = {each.id for each in other_experiments(of, None)}
    assert ids.isdisjoint({"other-user", "read-only", "read-only-tmp", "no-network"})
    together = named(
        other_experiments(known(replace(SERVICE, run=mine), Effort.SAFE), None), "elsewhere"
    ).workload.run
    assert (together.user, together.tmpfs) == ("12345", ("/tmp:size=1g",))


def test_a_batch_job_is_not_asked_anything() -> None:
    of = known(Workload("job", ReadyExit(), limits=Limits(test=1800)), Effort.DEEP)
    assert first_experiments(of) == ()
    rest = other_experiments(of, None)
    assert rest[0].id == "run-again"
    assert {each.limit for each in rest} == {27.0}


def test_ids_of_several_workloads_are_told_apart() -> None:
    of = replace(known(SERVICE, Effort.SAFE), prefix="serve.")
    made = (*first_experiments(of), *other_experiments(of, None), *command_experiments(of))
    assert [each.id for each in made] == ["serve.requests", "serve.elsewhere", "serve.help"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/host/data:/data", "/host/data:/data:ro"),
        ("./data:/data:rw", "./data:/data:ro"),
        ("/host/data:/data:z,rshared", "/host/data:/data:z,rshared,ro"),
        ("/host/data:/data:ro", "/host/data:/data:ro"),
        ("named:/data", "/data"),
        ("named:/data:nocopy", "/data"),
        ("/data", "/data"),
    ],
)
def test_the_users_volumes_are_out_of_reach(given: str, expected: str) -> None:
    assert throwaway(RunOptions(volumes=(given,))).volumes == (expected,)


def test_ports_are_free_ones_of_the_loopback() -> None:
    assert throwaway(
        RunOptions(ports=("8080:80", "0.0.0.0:9000-9001:90-91", "53:53/udp"))
    ).ports == ("127.0.0.1::80", "127.0.0.1::90", "127.0.0.1::91")


@pytest.mark.parametrize(
    ("run", "options", "expected"),
    [
        (
            {"Entrypoint": ["/entry.sh"], "Cmd": ["python", "-m", "app", "--port", "80"]},
            RunOptions(),
            [("/entry.sh",), ("python", "-m", "app")],
        ),
        (
            {"Entrypoint": ["/usr/bin/tini", "--", "/srv/run"], "Cmd": ["-v"]},
            RunOptions(),
            [("/srv/run",)],
        ),
        (
            {"Entrypoint": None, "Cmd": ["python3", "-X", "dev", "-u", "/srv/app.py", "serve"]},
            RunOptions(),
            [("python3", "-X", "dev", "-u", "/srv/app.py")],
        ),
        (
            {
                "Entrypoint": None,
                "Cmd": ["/bin/sh", "-c", "export A=1; exec uvicorn app:app --port 80"],
            },
            RunOptions(),
            [("uvicorn",)],
        ),
        ({"Entrypoint": None, "Cmd": ["/bin/sh", "-c", "$PROGRAM"]}, RunOptions(), []),
        (
            {"Entrypoint": ["java", "-Xmx1g", "-cp", "/lib", "-jar", "/app.jar"], "Cmd": ["serve"]},
            RunOptions(),
            [("java", "-Xmx1g", "-cp", "/lib", "-jar", "/app.jar")],
        ),
        (
            {"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["node", "server.js"]},
            RunOptions(),
            [("docker-entrypoint.sh",), ("node", "server.js")],
        ),
        (
            {"Entrypoint": ["redis-server"]},
            RunOptions(entrypoint="/bin/other", args=("x",)),
            [("/bin/other",)],
        ),
        ({"Entrypoint": None, "Cmd": ["python", "-c", "import x"]}, RunOptions(), [("python",)]),
        ({"Entrypoint": None, "Cmd": None}, RunOptions(), []),
        ({"Entrypoint": ["env"] * 100, "Cmd": ["sh", "-c"] * 50}, RunOptions(), []),
    ],
)
def test_commands_of_a_command_line(
    run: dict[str, Any], options: RunOptions, expected: list[tuple[str, ...]]
) -> None:
    assert list(commands(config(**run), options)) == expected


def test_help_is_asked_of_the_command_and_nothing_else() -> None:
    of = known(
        replace(SERVICE, run=RunOptions(volumes=("/etc/app:/etc/app",), ports=("80",))), Effort.SAFE
    )
    (found,) = command_experiments(of)
    assert (found.id, [each.id for each in found.then]) == ("help", ["version"])
    assert found.workload.run == RunOptions(
        volumes=("/etc/app:/etc/app:ro",),
        ports=("127.0.0.1::80",),
        entrypoint="/usr/bin/serve",
        args=("--help",),
    )
    assert (found.title, found.workload.ready, found.until) == (
        "/usr/bin/serve --help",
        ReadyExit(),
        SERVICE.ready,
    )


def test_a_batch_job_that_is_asked_for_help_is_never_ready() -> None:
    (found,) = command_experiments(known(Workload("job", ReadyExit()), Effort.SAFE))
    assert (found.workload.run.ports, found.until) == ((), None)


def test_only_libraries_that_were_mapped_are_told_about_processors() -> None:
    assert masks(()) == ()
    assert masks(("/x/libfoo.so",)) == ()
    assert masks(("/x/numpy.libs/libscipy_openblas64_-ff651d7f.so",)) == (
        "OPENBLAS_CORETYPE=Prescott",
    )
    torch = masks(("/x/torch/lib/libtorch_cpu.so", "/usr/lib/libdnnl.so.3"))
    assert torch == (
        "ATEN_CPU_CAPABILITY=default",
        "ONEDNN_MAX_CPU_ISA=SSE41",
        "MKL_ENABLE_INSTRUCTIONS=SSE4_2",
    )


def test_threads_wait_without_work_where_the_user_says_nothing_else() -> None:
    mapped = frozenset(
        {"/x/torch/lib/libgomp-24e2ab19.so.1.0.0", "/x/numpy.libs/libscipy_openblas64_-ff651d7f.so"}
    )
    of = replace(known(SERVICE, Effort.SAFE), mapped=mapped)
    assert first_experiments(of)[0].workload.run.env == (
        "OMP_WAIT_POLICY=PASSIVE",
        "OPENBLAS_THREAD_TIMEOUT=4",
    )
    (elsewhere,) = other_experiments(of, None)
    assert elsewhere.workload.run.env[-2:] == (
        "OMP_WAIT_POLICY=PASSIVE",
        "OPENBLAS_THREAD_TIMEOUT=4",
    )
    users = replace(
        of,
        workload=replace(SERVICE, run=RunOptions(env=("OMP_WAIT_POLICY=ACTIVE",))),
        config=config(Env=["OPENBLAS_THREAD_TIMEOUT=30"]),
    )
    assert first_experiments(users)[0].workload.run.env == ("OMP_WAIT_POLICY=ACTIVE",)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({}, ()),
        ({"Healthcheck": {"Test": ["NONE"]}}, ()),
        ({"Healthcheck": {"Test": ["CMD", "curl", "-f", "x"]}}, ("curl", "-f", "x")),
        (
            {"Healthcheck": {"Test": ["CMD-SHELL", "curl x || exit 1"]}},
            ("/bin/sh", "-c", "curl x || exit 1"),
        ),
        (
            {"Healthcheck": {"Test": ["CMD-SHELL", "x"]}, "Shell": ["/bin/bash", "-ec"]},
            ("/bin/bash", "-ec", "x"),
        ),
        ({"Healthcheck": {"Test": ["WHAT", "x"]}}, ()),
    ],
)
def test_the_command_of_a_health_check(run: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert config(**run).healthcheck_argv == expected
