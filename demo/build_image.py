"""Build the demo's image without docker: Debian with the usual development tools, a
text-recognition service with its models, three layers.

`python demo/build_image.py OUT.tar` writes a docker-archive. Debian packages come from where this
machine's apt gets its own, Python packages from where its pip does. Neither of the two
configurations nor the trust store stays behind: each layer is packed from a directory that never
held them. Needs root.
"""

import hashlib
import io
import json
import os
import platform
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
TAG = "careen-demo/ocr:1.0"
SOURCES = runpy.run_path(str(HERE.parent / "scripts/apt_sources.py"))["sources"]

# What a service's image carries when it was built from a "full" base: what the service needs, and
# what building it once needed.
PACKAGES = (
    *("ca-certificates", "python3", "python3-pip", "tzdata", "netbase"),
    *("curl", "wget", "git", "gcc", "g++", "make", "libc6-dev", "python3-dev", "patch"),
    *("file", "gnupg", "openssh-client", "perl", "procps", "unzip", "xz-utils"),
)
PIP_SETTING = re.compile(
    r"^(?:global|:env:|install)\.(index-url|extra-index-url|trusted-host|proxy|timeout|default-timeout)='(.*)'$",
    re.MULTILINE,
)

HEALTHCHECK = (
    "import urllib.request as u, sys; sys.exit(u.urlopen('http://127.0.0.1:8080/health',"
    " timeout=4).status != 200)"
)
CONFIG = {
    "Env": [
        "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8",
        "PYTHONUNBUFFERED=1",
        "OMP_NUM_THREADS=2",
    ],
    "Entrypoint": ["python3", "-m", "uvicorn"],
    "Cmd": ["app.main:app", "--host", "0.0.0.0", "--port", "8080"],
    "WorkingDir": "/srv/ocr",
    "User": "ocr",
    "ExposedPorts": {"8080/tcp": {}},
    "Labels": {"org.opencontainers.image.title": "ocr", "org.opencontainers.image.version": "1.0"},
    "Healthcheck": {
        "Test": ["CMD", "python3", "-c", HEALTHCHECK],
        "Interval": 10_000_000_000,
        "Timeout": 5_000_000_000,
        "Retries": 3,
    },
    "StopSignal": "SIGTERM",
}


def call(*argv: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a program to its end; its output is shown only when it fails."""
    done = subprocess.Popen(
        [str(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env
    )
    output, _ = done.communicate()
    if done.returncode:
        sys.stderr.write(output.decode(errors="replace")[-4000:])
        sys.exit(f"demo: {argv[0]} failed ({done.returncode})")


def ask(*argv: str) -> str:
    return subprocess.Popen(
        list(argv), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).communicate()[0]


def debian(rootfs: Path) -> None:
    release = dict(
        line.split("=", 1)
        for line in Path("/etc/os-release").read_text().splitlines()
        if "=" in line
    )
    codename = release.get("VERSION_CODENAME", "").strip('"')
    mirrors = SOURCES(codename)
    if not mirrors:
        sys.exit(
            f"demo: no package source for {codename!r} in /etc/apt; the demo needs a Debian-like"
            " machine with apt set up"
        )
    settings = [
        line
        for line in ask("apt-config", "dump").splitlines()
        if re.match(r"Acquire::(https?|Check-|Retries|ForceIPv4)\S* ", line)
    ]
    call(
        *("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"),
        f"--include={','.join(PACKAGES)}",
        *(f"--aptopt={line}" for line in settings),
        '--customize-hook=rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*'
        ' "$1"/etc/apt/apt.conf.d/99mmdebstrap',
        *(codename, rootfs),
        *mirrors,
    )  # fmt: skip


def packages(rootfs: Path, stage: Path) -> None:
    """Install the Python packages with the image's own interpreter; `stage` becomes what they add
    to the root.
    """
    inside = rootfs / "stage"
    inside.mkdir()
    shutil.copy(HERE / "requirements.txt", inside)
    trust = (
        os.environ.get("PIP_CERT")
        or os.environ.get("SSL_CERT_FILE")
        or "/etc/ssl/certs/ca-certificates.crt"
    )
    shutil.copy(trust, inside / "ca.pem")
    shutil.copy("/etc/resolv.conf", rootfs / "etc/resolv.conf")
    settings = dict(PIP_SETTING.findall(ask(sys.executable, "-m", "pip", "config", "list")))
    env = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/stage",
        "PIP_CERT": "/stage/ca.pem",
        "PIP_CONFIG_FILE": "/dev/null",
        "LANG": "C.UTF-8",
    }
    env |= {
        name: value
        for name, value in os.environ.items()
        if name.lower() in {"http_proxy", "https_proxy", "no_proxy"}
    }
    env |= {f"PIP_{name.upper().replace('-', '_')}": value for name, value in settings.items()}
    call(
        *(
            "chroot",
            rootfs,
            "python3",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-cache-dir",
            "--break-system-packages",
        ),
        *(
            "--root-user-action=ignore",
            "--ignore-installed",
            "--no-warn-script-location",
            "--only-binary=:all:",
            "--require-hashes",
        ),
        *("--root=/stage/root", "-r", "/stage/requirements.txt"),
        env=env,
    )
    shutil.move(inside / "root", stage)
    shutil.rmtree(inside)


def application(rootfs: Path, stage: Path) -> None:
    call("chroot", rootfs, "useradd", "--uid", "1000", "--create-home", "ocr")
    for name in ("etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"):
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        call("cp", "-a", rootfs / name, stage / name)
    (stage / "home").mkdir()
    call("cp", "-a", rootfs / "home/ocr", stage / "home/ocr")
    shutil.copytree(
        HERE / "app", stage / "srv/ocr/app", ignore=shutil.ignore_patterns("__pycache__")
    )


def pack(root: Path, into: Path) -> tuple[Path, str]:
    """Pack a directory; return the layer and its digest, which is taken while it is written."""
    words = (
        "tar",
        "--sort=name",
        "--numeric-owner",
        "--xattrs",
        "--format=pax",
        "-C",
        str(root),
        "-cf",
        "-",
        ".",
    )
    found = hashlib.sha256()
    with into.open("wb") as out, subprocess.Popen(words, stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None  # noqa: S101 — a pipe, asked for above
        while chunk := tar.stdout.read(1 << 20):
            found.update(chunk)
            out.write(chunk)
    if tar.returncode:
        sys.exit(f"demo: tar failed ({tar.returncode})")
    return into, found.hexdigest()


def archive(named: Sequence[tuple[Path, str, str]], out: Path) -> None:
    """Write a docker-archive of the layers: file, digest and what made it."""
    now = datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC
    ).strftime("%Y-%m-%dT%H:%M:%SZ")
    config = {
        "created": now,
        "architecture": (
            {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        ),
        "os": "linux",
        "config": CONFIG,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{name}" for _, name, _ in named]},
        "history": [{"created": now, "created_by": made_by} for _, _, made_by in named],
    }
    raw = json.dumps(config).encode()
    manifest = [
        {
            "Config": f"{hashlib.sha256(raw).hexdigest()}.json",
            "RepoTags": [TAG],
            "Layers": [f"{name}.tar" for _, name, _ in named],
        }
    ]
    part = out.with_suffix(".part")
    with tarfile.open(part, "w") as tar:
        for path, name, _ in named:
            tar.add(path, f"{name}.tar")
        for member, data in (
            (str(manifest[0]["Config"]), raw),
            ("manifest.json", json.dumps(manifest).encode()),
        ):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    part.replace(out)


def step(text: str, began: float) -> None:
    print(f"demo: {text} ({time.monotonic() - began:.0f} s)", flush=True)


def main(out: Path) -> None:
    if os.geteuid() != 0:
        sys.exit(
            "demo: needs root, to build a root file system and to watch the container; try `sudo"
            " make demo`"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="build-", dir=out.parent) as name:
        work = Path(name)
        rootfs, python, app = work / "rootfs", work / "python", work / "app"
        debian(rootfs)
        layers = [(*pack(rootfs, work / "base.tar"), f"debian with {' '.join(PACKAGES)}")]
        step("Debian base with the usual tools", began)
        packages(rootfs, python)
        layers.append((*pack(python, work / "python.tar"), "pip install -r requirements.txt"))
        step("Python packages and models", began)
        app.mkdir()
        application(rootfs, app)
        layers.append((*pack(app, work / "app.tar"), "COPY app /srv/ocr/app"))
        archive(layers, out)
    step(f"{out.name}: {out.stat().st_size / 1e6:.0f} MB", began)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else HERE / ".build" / "ocr.tar").resolve())
