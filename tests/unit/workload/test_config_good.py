"""A careen.toml that is right comes out as the values that it means."""

from pathlib import Path

from careen.model.plan import Level
from careen.model.runs.workload import (
    Limits,
    ReadyDefault,
    ReadyExit,
    ReadyUrl,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
)
from careen.workload.configuration.project import ProjectConfig, load_config

FULL = """
image = "wl/embed:cpu"
tag = 'wl/embed:hardened'
output = "oci:out"
platform = "linux/amd64"
level = "closure"
keep = ["/opt/extra/**", "/usr/bin/jq"]
remove = "/usr/share/doc/**"
keep_from = ["keep.txt"]
sensor = "ebpf"
engine = "docker"

[report]
dir = "evidence"

[workload.serve]
ready = "/health"
test = ["python -m pytest -q", "curl -f $BASE_URL"]
exec = "python -c 'import app'"
observe = "1m"
env = { MODEL = "tiny", THREADS = 2 }
volumes = ["./data:/data:ro"]
ports = [9000, "127.0.0.1:8080:80"]
user = 1000
read_only = true
tmpfs = "/tmp:size=64m"
gpus = "all"
network = "none"
shm_size = "1.5 GiB"
entrypoint = "/app/start"
args = ["--port", "80", ""]
timeout = { ready = "2m", test = 90, stop = 1.5 }

[workload."train.v2"]
ready = "exit"
env = ["SEED=1", "HOME"]
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "careen.toml"
    path.write_text(text)
    return path


def test_every_setting(tmp_path: Path) -> None:
    serve = Workload(
        name="serve",
        ready=ReadyUrl("/health"),
        tests=(
            TestCommand(TestPlace.HOST, "python -m pytest -q"),
            TestCommand(TestPlace.HOST, "curl -f $BASE_URL"),
            TestCommand(TestPlace.CONTAINER, "python -c 'import app'"),
        ),
        observe=60,
        run=RunOptions(
            env=("MODEL=tiny", "THREADS=2"),
            volumes=("./data:/data:ro",),
            ports=("9000", "127.0.0.1:8080:80"),
            user="1000",
            read_only=True,
            tmpfs=("/tmp:size=64m",),
            gpus="all",
            network="none",
            shm_size="1.5 GiB",
            entrypoint="/app/start",
            args=("--port", "80", ""),
        ),
        limits=Limits(ready=120, test=90, stop=1.5),
    )
    train = Workload(name="train.v2", ready=ReadyExit(), run=RunOptions(env=("SEED=1", "HOME")))
    assert load_config(write(tmp_path, FULL)) == ProjectConfig(
        workloads=(serve, train),
        image="wl/embed:cpu",
        tag="wl/embed:hardened",
        output=("oci:out",),
        platform="linux/amd64",
        level=Level.CLOSURE,
        keep=("/opt/extra/**", "/usr/bin/jq"),
        remove=("/usr/share/doc/**",),
        keep_from=(tmp_path / "keep.txt",),
        sensor="ebpf",
        engine="docker",
        report_dir=tmp_path / "evidence",
    )


def test_an_empty_file_leaves_everything_open(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")) == ProjectConfig()


def test_a_workload_of_defaults(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "[workload.web]\r\n")).workloads == (
        Workload(name="web", ready=ReadyDefault()),
    )


def test_an_empty_entrypoint_drops_the_images(tmp_path: Path) -> None:
    (workload,) = load_config(write(tmp_path, '[workload.web]\nentrypoint = ""\n')).workloads
    assert workload.run.entrypoint == ""
