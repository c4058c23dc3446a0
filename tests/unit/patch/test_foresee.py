"""What the inventory alone says of upgrades: no archive is read, nothing is run."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.inventory.index import read_index, write_index
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.patching import Aim, BlockReason, PatchChoices
from careen.model.paths import ImagePath
from careen.patch.foresee import Foreseen, foresee
from careen.patch.port import Ground
from tests.support.boms import IMAGE
from tests.support.maven_folder import maven_jar, publish
from tests.support.trees import tree

JAR = ImagePath("/opt/app/lib/widget-1.0.jar")
WIDGET = Package(
    Ecosystem.MAVEN,
    "org.example:widget",
    "1.0",
    "pkg:maven/org.example/widget@1.0",
    JAR,
    (JAR,),
)
SHADED = replace(WIDGET, presence=Presence.EMBEDDED, evidence="pom.properties (shaded)")


def foreseen(maven: Path | None, package: Package = WIDGET) -> Foreseen:
    inventory = Inventory({package.purl: package}, {})
    index = read_index(write_index(tree({JAR: b"no zip"}), inventory, IMAGE), "index")
    given = PatchChoices(maven=str(maven or ""))
    aim = Aim(package.purl, package.name, package.version, package.ecosystem, {"A": ("1.1",)})
    return foresee(Ground(index.rootfs, index.inventory, given), [aim])


def test_a_jar_that_is_on_offer_may_be_put_in_place(tmp_path: Path) -> None:
    publish(tmp_path, "org.example:widget:1.1", maven_jar("org.example", "widget", "1.1"))
    found = foreseen(tmp_path)
    assert (found.blocked, [aim.purl for aim in found.offered]) == ((), [WIDGET.purl])


@pytest.mark.parametrize(
    ("package", "versions", "named", "barrier"),
    [
        (SHADED, ("1.1",), True, BlockReason.REBUILD),
        (WIDGET, (), True, BlockReason.UNAVAILABLE),
        (WIDGET, ("2.0",), True, BlockReason.MAJOR),
        (WIDGET, ("1.1",), False, BlockReason.NO_MEANS),
    ],
)
def test_a_jar_that_no_offer_replaces_has_its_reason(
    tmp_path: Path,
    package: Package,
    versions: tuple[str, ...],
    barrier: BlockReason,
    *,
    named: bool,
) -> None:
    for version in versions:
        jar = maven_jar("org.example", "widget", version)
        publish(tmp_path, f"org.example:widget:{version}", jar)
    found = foreseen(tmp_path if named else None, package)
    assert [each.barrier for each in found.blocked] == [barrier]
    assert found.offered == found.unasked == ()


@pytest.mark.parametrize(
    ("ecosystem", "unasked"),
    [(Ecosystem.GOLANG, False), (Ecosystem.DEB, True), (Ecosystem.PYPI, True)],
)
def test_a_package_manager_of_the_image_is_not_guessed(
    tmp_path: Path, ecosystem: Ecosystem, *, unasked: bool
) -> None:
    found = foreseen(tmp_path, replace(WIDGET, ecosystem=ecosystem))
    assert bool(found.unasked) is unasked
    assert [each.barrier for each in found.blocked] == ([] if unasked else [BlockReason.REBUILD])
