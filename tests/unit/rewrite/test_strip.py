"""A real image and a plan in, a smaller image out: content, databases, history, annotations, and
one digest for the same input.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.write import write_oci_layout
from careen.rewrite.strip import StripFacts, strip
from tests.support.images import directory, file, hardlink, layer, oci_layout, whiteout

STATUS = "var/lib/dpkg/status"
SED = "Package: sed\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4.9-1\n"
NANO = "Package: nano\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.2-1\n"
SECRET = b"the content of nano that must not be found in any layer"
FACTS = StripFacts("2024-05-06T07:08:09Z")
PURL = "pkg:deb/debian/nano@7.2-1"
CONFIG = {
    "config": {
        "Cmd": ["/bin/sed"],
        "User": "app",
        "Healthcheck": {"Test": ["CMD", "true"]},
        "Unknown": {"kept": 1},
        "StopSignal": "SIGINT",
    },
    "future.field": [1, 2],
}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    base = layer(
        directory("bin"),
        file("bin/sed", b"sed", 0o755),
        file("bin/nano", SECRET, 0o755),
        hardlink("bin/rnano", "bin/nano", 0o755),
        file("etc/hidden", "below"),
        file(STATUS, SED),
        file("var/lib/dpkg/info/nano.list", "/bin/nano\n/bin/rnano\n"),
    )
    top = layer(file(STATUS, f"{SED}\n{NANO}"), whiteout("etc/hidden"))
    return open_image(
        OciLayout(oci_layout(tmp_path / "in", [base, top], config=CONFIG), None), None, tmp_path
    )


def plan_of(image: Image, removed: frozenset[str]) -> Plan:
    rootfs = image.rootfs()
    keep = {entry.path: Reason("observed", "") for entry in rootfs if entry.path not in removed}
    remove = {entry.path: Reason("unused", "") for entry in rootfs if entry.path in removed}
    return Plan(
        image.ref,
        Level.CLOSURE,
        keep,
        remove,
        {PURL: PackagePlan(PURL, Outcome.REMOVED, 0, 2, 0, len(SECRET))},
        "b" * 64,
    )


NANO_PATHS = frozenset({"/bin/nano", "/bin/rnano", "/var/lib/dpkg/info/nano.list"})
INVENTORY = Inventory(
    {
        PURL: Package(
            Ecosystem.DEB, "nano", "7.2-1", PURL, ImagePath(f"/{STATUS}"), (), architecture="amd64"
        )
    },
    {},
)


def stripped(image: Image, tmp_path: Path) -> Image:
    return strip(image, image.rootfs(), INVENTORY, plan_of(image, NANO_PATHS), FACTS, tmp_path)


def test_the_result_holds_what_the_plan_keeps_and_a_true_database(
    image: Image, tmp_path: Path
) -> None:
    with image, stripped(image, tmp_path) as result:
        paths = {entry.path for entry in result.rootfs() if entry.is_file}
        assert paths == {"/bin/sed", f"/{STATUS}"}
        assert result.rootfs().read(ImagePath(f"/{STATUS}"), 1000).decode() == f"{SED}\n"
        assert result.rootfs().read(ImagePath("/bin/sed"), 1000) == b"sed"


def test_what_is_removed_is_in_no_byte_of_the_result(image: Image, tmp_path: Path) -> None:
    with image, stripped(image, tmp_path) as result:
        assert any(SECRET in one.open().read() for one in image.layers)
        for one in result.layers:
            with one.open() as stream:
                data = stream.read()
            assert SECRET not in data
            assert b"nano" not in data
            assert b"below" not in data


def test_history_and_annotations_lead_back_to_the_original(image: Image, tmp_path: Path) -> None:
    with image, stripped(image, tmp_path) as result:
        digest = image.ref.digest
        kept = hashlib.sha256(
            "".join(
                f"{path}\0"
                for path in sorted({entry.path for entry in image.rootfs()} - NANO_PATHS)
            ).encode()
        ).hexdigest()
        last = result.config.history[-1]
        assert (
            last["created_by"]
            == f"careen strip --level closure: removed 2 files ({(len(SECRET) + 21) / 1e6:,.1f} MB)"
            " of 4"
        )
        assert last["comment"] == f"original {digest}; kept paths sha256:{kept}"
        assert last["empty_layer"] is True
        assert result.annotations == {
            "io.careen.original.digest": digest,
            "io.careen.keep.sha256": kept,
            "io.careen.version": result.annotations["io.careen.version"],
        }


def test_another_profile_that_keeps_the_same_gives_the_same_image(
    image: Image, tmp_path: Path
) -> None:
    first = plan_of(image, NANO_PATHS)
    other = replace(
        first,
        keep={path: Reason("elf-needed", "other words") for path in first.keep},
        rbom_sha256="c" * 64,
        notes=("another day",),
    )
    with image:
        results = [
            strip(image, image.rootfs(), INVENTORY, plan, FACTS, tmp_path)
            for plan in (first, other)
        ]
        assert len({result.ref.digest for result in results}) == 1
        for result in results:
            result.close()


def test_the_originals_own_annotations_stay(image: Image, tmp_path: Path) -> None:
    image.annotations = {
        "org.opencontainers.image.base.name": "docker.io/library/python:3.11",
        "org.opencontainers.image.base.digest": f"sha256:{'b' * 64}",
        "org.opencontainers.image.vendor": "we",
    }
    with image, stripped(image, tmp_path) as result:
        assert image.annotations.items() <= result.annotations.items()
        assert result.annotations["io.careen.original.digest"] == image.ref.digest


def test_the_config_comes_out_as_it_went_in(image: Image, tmp_path: Path) -> None:
    with image, stripped(image, tmp_path) as result:
        document = json.loads(result.config_bytes)
        assert document["config"] == CONFIG["config"]
        assert document["future.field"] == [1, 2]
        assert document["created"] == "2024-05-06T07:08:09Z"


def test_the_same_input_gives_the_same_bytes(image: Image, tmp_path: Path) -> None:
    with image:
        for name in ("one", "two"):
            with stripped(image, tmp_path) as result:
                write_oci_layout(result, tmp_path / name, "demo")
        files = [
            {
                path.relative_to(tmp_path / name): path.read_bytes()
                for path in (tmp_path / name).rglob("*")
                if path.is_file()
            }
            for name in ("one", "two")
        ]
        assert files[0] == files[1]
        assert len(files[0]) > 3


def test_a_plan_of_another_image_is_refused(image: Image, tmp_path: Path) -> None:
    with image:
        plan = plan_of(image, NANO_PATHS)
        foreign = Plan(
            plan.image,
            plan.level,
            {**plan.keep, ImagePath("/not/there"): Reason("observed", "")},
            plan.remove,
            {},
            "b" * 64,
        )
        with pytest.raises(InputError, match="'/not/there' is to be kept and is not in the image"):
            strip(image, image.rootfs(), INVENTORY, foreign, FACTS, tmp_path)
