"""Which package managers an image is found to have, and in which order they work."""

from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Aim, PatchChoices
from careen.model.paths import ImagePath
from careen.patch.find import patchers
from careen.patch.port import Ground
from tests.support.trees import tree


def package(kind: Ecosystem, name: str, record: str) -> Package:
    return Package(
        kind, name, "1.0", f"pkg:{kind.value}/{name}@1.0", ImagePath(record), (ImagePath(record),)
    )


def test_an_image_without_packages_has_none() -> None:
    assert patchers(Ground(tree({"/bin/app": "x"}), Inventory({}, {}), PatchChoices())) == ()


def test_distributions_work_first_and_each_package_is_claimed() -> None:
    status = "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n\n"
    metadata = "/usr/lib/python3.11/site-packages/idna-1.0.dist-info/METADATA"
    files = {
        "/var/lib/dpkg/status": status,
        metadata: "Metadata-Version: 2.1\nName: idna\nVersion: 1.0\n",
        "/app/node_modules/ms/package.json": "{}",
    }
    deb, pypi, npm = (
        package(Ecosystem.DEB, "zlib1g", "/var/lib/dpkg/status"),
        package(Ecosystem.PYPI, "idna", metadata),
        package(Ecosystem.NPM, "ms", "/app/node_modules/ms/package.json"),
    )
    stock = Inventory({each.purl: each for each in (deb, pypi, npm)}, {})
    found = patchers(Ground(tree(files), stock, PatchChoices()))
    claiming = [
        next(
            number
            for number, patcher in enumerate(found)
            if patcher.claims(
                Aim(each.purl, each.name, each.version, each.ecosystem, {"CVE-1": ("2.0",)})
            )
        )
        for each in (deb, pypi, npm)
    ]
    assert claiming == sorted(set(claiming))
    assert found[0].name == "dpkg"
    assert len({patcher.name for patcher in found}) == len(found)
