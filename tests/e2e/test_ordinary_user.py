"""`careen` as a user without root and without groups: what works, whose the files are, and what is
said where a verb needs more.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import NO_DAEMON, Careen, docker
from tests.support.debian_registry import Authority, Registry
from tests.support.feeds import write_feeds
from tests.support.images import directory, docker_archive, file, layer, oci_layout
from tests.support.warm_careen import User

pytestmark = [pytest.mark.root, pytest.mark.ordinary]

UID = 65534
FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" | grep -q "half of it"'
DOCUMENTS = {
    "sarif": "f.sarif", "markdown": "f.md", "cyclonedx": "f.cdx.json", "spdx": "f.spdx.json",
    "openvex": "f.vex.json", "json": "f.json",
}  # fmt: skip
OWNED = {"srv": (0, 0, 0o755), "srv/secret": (1234, 4321, 0o640), "srv/tool": (65534, 0, 0o4755)}


@dataclass(frozen=True, slots=True)
class Scene:
    """What root made: an image as a file and as a layout, its RBOM and plan in a report directory,
    and the image stripped. `careen` is the ordinary user's.
    """

    folder: Path
    careen: Careen

    def fresh(self, name: str, **env: str) -> Careen:
        """Return the user's careen in a new directory of his."""
        folder = self.folder / "homes" / name
        folder.mkdir(parents=True)
        os.chown(folder, UID, UID)
        there = {"HOME": str(folder), "CAREEN_WORKDIR": str(folder / "work")}
        return replace(self.careen, folder=folder, env={**self.careen.env, **there, **env})

    def in_docker_group(self, careen: Careen) -> Careen:
        """Return the same with docker's socket, and the group that may use it."""
        env = {name: value for name, value in careen.env.items() if name != "DOCKER_HOST"}
        group = Path("/var/run/docker.sock").stat().st_gid
        return replace(careen, env=env, user=User(UID, (group,)))


def others(folder: Path) -> list[Path]:
    """Return what is in a folder and is not the ordinary user's."""
    return [path for path in folder.rglob("*") if path.lstat().st_uid != UID]


def owners(layout: Path) -> Mapping[str, tuple[int, int, int]]:
    """Return owner, group and mode of what is below /srv in an image."""
    found: dict[str, tuple[int, int, int]] = {}
    for blob in (layout / "blobs" / "sha256").iterdir():
        if tarfile.is_tarfile(blob):
            with tarfile.open(blob) as tar:
                found |= {one.name.rstrip("/"): (one.uid, one.gid, one.mode) for one in tar}
    return {name: state for name, state in found.items() if name.partition("/")[0] == "srv"}


@pytest.fixture(scope="module")
def scene(service: Service) -> Iterator[Scene]:
    # pytest's own directories are root's alone.
    folder = Path(tempfile.mkdtemp(prefix="careen-ordinary-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        own = layer(
            directory("srv"),
            file("srv/secret", "of another user", 0o640, uid=1234, gid=4321),
            file("srv/tool", "#!/bin/sh\n", 0o4755, uid=65534),
        )
        layers, config = (*service.image.layers(), own), service.image.config()
        docker_archive(folder / "image.tar", layers, (service.name("ordinary"),), config)
        oci_layout(folder / "layout", layers, config=config)
        write_feeds(folder / "feeds")
        root = Careen(folder, NO_DAEMON)
        root("db", "import", "feeds", "-q")
        image = "docker-archive:image.tar"
        (folder / "report").mkdir()
        root("profile", image, "--test", FETCH, "-o", "report/rbom.json", "-q")
        rbom = ("--rbom", "report/rbom.json", "--keep", "/srv/**")
        root("plan", image, *rbom, "-o", "report/plan.json", "-q")
        root("strip", image, "--plan", "report/plan.json", "-o", "oci:stripped", "-q")
        env = {
            "PATH": os.environ["PATH"],
            "CAREEN_DB": str(folder / "advisories.db"),
            "CONTAINERS_REGISTRIES_CONF": os.environ["CONTAINERS_REGISTRIES_CONF"],
            **NO_DAEMON,
        }
        yield Scene(folder, Careen(folder, env, user=User(UID)))
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(folder.with_name(f"{folder.name}-cache"), ignore_errors=True)


@pytest.fixture
def source(request: pytest.FixtureRequest, scene: Scene) -> Iterator[tuple[str, Careen]]:
    """The image in one of its places, and a careen of the user's that may read it there."""
    if request.param != "registry":
        kind = request.param.partition(":")[0]
        yield request.param.format(scene.folder), scene.fresh(kind)
        return
    registry: Registry = request.getfixturevalue("registry")
    authority: Authority = request.getfixturevalue("authority")
    registry.skopeo(
        *("copy", "--quiet", f"oci:{scene.folder}/layout", registry.image("team/ordinary:1"))
    )
    careen = scene.fresh("registry", SSL_CERT_FILE=str(scene.folder / "ca.crt"))
    shutil.copy(authority.certificate, scene.folder / "ca.crt")
    login = careen.folder / ".config" / "containers" / "auth.json"
    login.parent.mkdir(parents=True)
    shutil.copy(registry.env["REGISTRY_AUTH_FILE"], login)
    for path in (login, login.parent, login.parent.parent):
        os.chown(path, UID, UID)
    yield registry.image("team/ordinary:1"), careen


@pytest.mark.runc
@pytest.mark.bpf
@pytest.mark.parametrize(
    "source",
    [
        "docker-archive:{}/image.tar",
        "oci:{}/layout",
        pytest.param("registry", marks=[pytest.mark.skopeo, pytest.mark.registry]),
    ],
    indirect=True,
)
def test_what_runs_no_container_needs_no_root(source: tuple[str, Careen], scene: Scene) -> None:
    image, careen = source
    report = scene.folder / "report"
    rbom = ("--rbom", report / "rbom.json")
    careen("plan", image, *rbom, "--keep", "/srv/**", "-q")
    careen("strip", image, "--plan", "plan.json", "-o", "oci:out", "-o", "./out.tar", "-q")
    written = [word for name, path in DOCUMENTS.items() for word in ("-o", f"{name}={path}")]
    counted = careen("scan", image, *rbom, *written, "--json").document
    assert counted["findings"]
    assert all((careen.folder / path).stat().st_size for path in DOCUMENTS.values())
    careen("scan", "sbom:f.cdx.json", "-q")
    assert careen("diff", image, "oci:out", "--json").document["files"]
    why = careen("why", image, "/usr/bin/idle", "--report-dir", report, "--json").document
    assert why["path"] == "/usr/bin/idle"
    careen("why", image, "idle", "--plan", "plan.json", *rbom)
    careen("why", image, "CVE-2024-1001")
    careen("rules", "--plan", "plan.json", "--plan", report)
    assert owners(careen.folder / "out") == OWNED
    assert _layers(careen.folder / "out") == _layers(scene.folder / "stripped")
    assert others(careen.folder) == []
    assert careen.runs() == []


def _layers(layout: Path) -> list[str]:
    """Return the diff IDs of an image's layers, which are the same whoever strips it.

    Their blobs may differ: a layer from a registry that is kept whole stays packed as it came.
    """
    (found,) = json.loads((layout / "index.json").read_text())["manifests"]
    blobs = layout / "blobs"
    manifest = json.loads((blobs / found["digest"].replace(":", "/")).read_text())
    config = json.loads((blobs / manifest["config"]["digest"].replace(":", "/")).read_text())
    layers: list[str] = config["rootfs"]["diff_ids"]
    return layers


def test_a_database_is_made_exported_and_verified(scene: Scene) -> None:
    careen = scene.fresh("db")
    careen = replace(careen, env={**careen.env, "CAREEN_DB": ""})
    careen("db", "import", scene.folder / "feeds", "-q")
    careen("db", "export", "all.db", "-q")
    careen("db", "verify", "-q")
    assert (careen.folder / ".local" / "share" / "careen" / "advisories.db").is_file()
    assert others(careen.folder) == []


# What needs more


@pytest.mark.parametrize(
    "words",
    [
        ("harden", "-o", "oci:out", "--ready", "exit"),
        ("profile", "--ready", "exit"),
    ],
)
def test_what_runs_a_container_says_all_that_it_needs(words: tuple[str, ...], scene: Scene) -> None:
    careen = scene.fresh("-".join(words[:2]))
    line = careen.refused(words[0], f"docker-archive:{scene.folder}/image.tar", *words[1:])
    assert line.startswith("no container engine: docker: ")
    assert "; embedded: it needs root (mounts, namespaces, runc); " in line
    assert "run careen as root" in line
    assert "; no sensor can be used here: ebpf: capability: CAP_BPF and CAP_PERFMON (" in line
    assert "docs/privileges.md" in line
    assert others(careen.folder) == []


def test_what_needs_an_engine_alone_says_so(scene: Scene) -> None:
    careen = scene.fresh("engine")
    image = f"docker-archive:{scene.folder}/image.tar"
    line = careen.refused("patch", image, "--dry-run", "--offline")
    assert line.startswith("no container engine: ")
    assert "sensor" not in line
    embedded = ("--ready", "exit", "--engine", "embedded", "--sensor", "fanotify")
    assert careen.refused("profile", image, *embedded) == (
        "engine embedded cannot be used: it needs root (mounts, namespaces, runc); run careen as"
        " root, or use --engine docker; no sensor can be used here: fanotify: capability:"
        " CAP_SYS_ADMIN (run as root)"
    )
    tagged = ("-t", "some:tag", "--rbom", scene.folder / "report" / "rbom.json")
    line = careen.refused("strip", image, *tagged)
    assert line.startswith("-t some:tag: tags live in an engine's store, and docker cannot be used")
    assert line.endswith("; or push it with --push, or write to a file with -o")


def test_the_doctor_says_what_this_user_can_do(scene: Scene) -> None:
    rows = {
        row["name"]: row for row in scene.fresh("doctor")("doctor", "--json", status=1).document
    }
    assert rows["verbs"]["health"] == "limited"
    assert rows["verbs"]["detail"] == (
        f"this user (uid {UID}) can run scan, plan, strip, rules, why, ignore, policy, comply, report,"
        " attest, verify-evidence, evidence, history, base, diff, fleet, db, init; not patch (no engine), not harden,"
        " profile, watch and ci (no"
        " engine and no sensor)"
    )
    assert rows["engine embedded"]["remedy"] == "run careen as root"
    assert rows["work directory"]["health"] == "good"


@pytest.mark.gitleaks
def test_secrets_are_searched_without_a_network_for_any_user(scene: Scene) -> None:
    careen = scene.fresh("secrets")
    ended = careen("comply", f"oci:{scene.folder}/layout", "--framework", "cis-docker", "--json")
    checks = {each["check"]: each for each in ended.document["assessments"][0]["checks"]}
    assert checks["secrets"]["result"] == "pass"
    assert "run with this machine's network" not in checks["secrets"]["reason"]


@pytest.mark.docker
def test_docker_s_socket_is_not_every_user_s(scene: Scene) -> None:
    careen = scene.fresh("socket")
    careen = replace(careen, env=scene.in_docker_group(careen).env)
    line = careen.refused("scan", "some:image", "--pull", "never")
    assert "docker cannot be used: this user may not use docker's socket (" in line
    rows = {row["name"]: row for row in careen("doctor", "--json", status=1).document}
    assert rows["engine docker"]["remedy"] == (
        "run careen as root, or with a user in the group docker, who can do all that root can"
    )


# What root has left, and others may not read or write


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("scan", "{image}", "--db", "{secret}/x.db"), "Permission denied: {secret}/x.db; "),
        (("scan", "{image}"), "Permission denied: {secret}.db; this user (uid 65534) may not"),
        (("scan", "{secret}/x.tar"), "Permission denied: {secret}/x.tar; "),
        (("scan", "{image}", "--work-dir", "{root}"), "work directory '{root}': belongs to ano"),
        (("scan", "{image}", "--work-dir", "{secret}/x"), "work directory '{secret}/x': Permiss"),
        (("scan", "{image}", "-o", "sarif={secret}/f"), "Permission denied: {secret}/f; "),
        (("plan", "{image}", "--rbom", "{secret}/r"), "{secret}/r: cannot be read: Permission d"),
        (("plan", "{image}", "--rbom", "{rbom}", "-o", "{root}/p"), "writing '{root}/p': Permis"),
        (("strip", "{image}", "--rbom", "{rbom}", "-o", "oci:{root}/o"), "output 'oci:{root}/o': "),
    ],
)  # fmt: skip
def test_what_is_root_s_alone_is_named_in_one_line(
    words: tuple[str, ...], names: str, scene: Scene
) -> None:
    root, secret = scene.folder / "root", scene.folder / "secret"
    root.mkdir(exist_ok=True)
    secret.mkdir(0o700, exist_ok=True)
    shutil.copy(scene.folder / "advisories.db", f"{secret}.db")
    Path(f"{secret}.db").chmod(0o600)
    careen = scene.fresh("-".join(words).replace("/", "_"), CAREEN_DB=f"{secret}.db")
    here = {
        "image": f"docker-archive:{scene.folder}/image.tar",
        "rbom": scene.folder / "report" / "rbom.json",
        "root": root,
        "secret": secret,
    }
    line = careen.refused(*(word.format(**here) for word in words))
    assert line.startswith(names.format(**here))


def test_reports_that_cannot_be_read_are_not_called_missing(scene: Scene) -> None:
    careen = scene.fresh("reports")
    image = f"docker-archive:{scene.folder}/image.tar"
    assert careen.refused("why", image, "/bin/sh").startswith("no plan found in careen-out/: ")
    (careen.folder / "careen-out").mkdir(0o700)
    line = careen.refused("why", image, "/bin/sh")
    assert line.startswith("Permission denied: careen-out; this user (uid 65534) may not use it")


def test_caches_of_another_user_only_cost_time(scene: Scene) -> None:
    careen = scene.fresh("cache", CAREEN_CACHE=str(scene.folder / "cache"))
    (scene.folder / "cache").mkdir(0o700)
    image = f"docker-archive:{scene.folder}/image.tar"
    careen("plan", image, "--rbom", scene.folder / "report" / "rbom.json", "-q")


# With docker's socket


@pytest.fixture
def in_docker(scene: Scene, service: Service) -> Iterator[str]:
    name = service.name("ordinary")
    docker("load", "--input", str(scene.folder / "image.tar"))
    yield name
    docker("image", "rm", name)


@pytest.mark.docker
def test_a_user_of_docker_s_group_reads_and_tags_images_of_its_store(
    scene: Scene, in_docker: str, service: Service
) -> None:
    careen = scene.in_docker_group(scene.fresh("docker"))
    rbom = ("--rbom", scene.folder / "report" / "rbom.json")
    scanned = careen("scan", in_docker, *rbom, "--json")
    assert scanned.document["findings"]
    planned = careen("plan", in_docker, *rbom, "--no-cache", "--keep", "/srv/**")
    assert "as it cannot be read in place (docker's store cannot be read here)" in planned.err
    tag = service.name("by-user")
    try:
        careen("strip", in_docker, "--plan", "plan.json", "-t", tag, "-q")
        assert careen("diff", in_docker, tag, "--json").document["files"]
    finally:
        docker("image", "rm", "--force", tag)
    careen("patch", in_docker, "--dry-run", "--offline", "-q")
    line = careen.refused("profile", in_docker, "--test", FETCH)
    assert line.startswith("no sensor can be used here: ebpf: capability: CAP_BPF and CAP_PERFMON")
    assert others(careen.folder) == []
    assert careen.runs() == []


@pytest.mark.docker
@pytest.mark.bpf
def test_two_capabilities_and_docker_s_group_are_enough_to_profile(
    scene: Scene, in_docker: str
) -> None:
    careen = scene.in_docker_group(scene.fresh("capable"))
    assert careen.user is not None
    capabilities = "+bpf,+perfmon"
    words = [
        *("setpriv", f"--reuid={UID}", f"--regid={UID}", f"--groups={careen.user.groups[0]}"),
        *("--inh-caps", capabilities, "--ambient-caps", capabilities, "--bounding-set"),
        *("-all,+bpf,+perfmon", sys.executable, "-m", "careen", "profile", in_docker),
        *("--test", FETCH, "--explore", "off", "-q"),
    ]
    done = subprocess.run(  # noqa: TID251
        words, cwd=careen.folder, env=careen.environment(), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    bom = json.loads((careen.folder / "rbom.json").read_text())
    assert "/usr/share/half/used.txt" in {one["path"] for one in bom["files"]}
    assert others(careen.folder) == []
    assert careen.runs() == []
