"""A base image for services in Python, of this machine's own Python and the packages it is from."""

import io
import subprocess
import tarfile
from pathlib import Path

PYTHON = Path("/usr/bin/python3")
_LEFT_OUT = ("__pycache__", "test", "idlelib", "tkinter", "ensurepip", "dist-packages")


def build_python_base(name: str, mark: str) -> None:
    """Make a docker image with Python and its libraries, as one layer."""
    program = PYTHON.resolve()
    library = Path(f"/usr/lib/{program.name}")
    found = [program, *_libraries(program)]
    for extension in sorted((library / "lib-dynload").glob("*.so")):
        found += _libraries(extension)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for folder in ("etc", "usr/bin", "usr/lib", "usr/lib64", "tmp", "var/lib/dpkg", "app"):
            _folder(tar, folder, 0o1777 if folder == "tmp" else 0o755)
        for link, target in (("lib", "usr/lib"), ("lib64", "usr/lib64"), ("bin", "usr/bin")):
            _link(tar, link, target)
        _link(tar, "usr/bin/python3", program.name)
        for place, path in {_placed(path): path for path in found}.items():
            tar.add(path.resolve(), arcname=place, recursive=False)
        tar.add(library, arcname=str(library)[1:], filter=_filtered)
        _file(tar, "etc/os-release", Path("/etc/os-release").read_bytes())
        _file(tar, "etc/passwd", b"root:x:0:0::/:/bin/false\n")
        _file(tar, "var/lib/dpkg/status", _status(program.name))
    change = ["--change", f"LABEL test.careen.mark={mark}", "--change", "ENV PATH=/usr/bin:/bin"]
    argv = ["docker", "import", *change, "-", name]
    done = subprocess.run(argv, input=data.getvalue(), capture_output=True, check=False)  # noqa: TID251
    assert done.returncode == 0, done.stderr


def _libraries(program: Path) -> list[Path]:
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)  # noqa: TID251
    words = done.stdout.split()
    return [Path(word) for word in words if word.startswith("/")]


def _placed(path: Path) -> str:
    """Return a path as the image has it: /lib and /lib64 are links there."""
    text = str(path)
    return text[1:] if text.startswith("/usr/") else f"usr{text}"


def _filtered(item: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(item.name).name in _LEFT_OUT else item


def _status(version: str) -> bytes:
    """Return the records that dpkg has of Python here, without what they depend on."""
    names = [
        f"{version}-minimal",
        f"lib{version}-minimal",
        f"lib{version}-stdlib",
        "libc6",
        "zlib1g",
    ]
    form = "Package: ${Package}\nStatus: ${Status}\nArchitecture: ${Architecture}\nVersion: ${Version}\n"
    form += "Source: ${source:Package} (${source:Version})\nMaintainer: x\nDescription: x\n\n"
    done = subprocess.run(  # noqa: TID251
        ["dpkg-query", "-W", "-f", form, *names], capture_output=True, check=False
    )
    return done.stdout


def _folder(tar: tarfile.TarFile, name: str, mode: int) -> None:
    item = tarfile.TarInfo(name)
    item.type, item.mode = tarfile.DIRTYPE, mode
    tar.addfile(item)


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    item = tarfile.TarInfo(name)
    item.type, item.linkname = tarfile.SYMTYPE, target
    tar.addfile(item)


def _file(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    item = tarfile.TarInfo(name)
    item.size = len(data)
    tar.addfile(item, io.BytesIO(data))
