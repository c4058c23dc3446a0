"""Plans of platforms that were not run, from the packages that others do without."""

from dataclasses import replace

from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ImagePath
from careen.model.plan import Basis, Level, Outcome, PackagePlan, Plan
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.plan.derived import RunPlatform, derive
from careen.plan.store import read_plan, write_plan
from tests.support.plans import Files, elf, package
from tests.support.trees import Exec, Link, tree

ARM = ImageRef("img", None, "sha256:" + "1" * 64, (), "linux/arm64")
AMD = ImageRef("img", None, "sha256:" + "0" * 64, (), "linux/amd64")
CONFIG = ImageConfig({"architecture": "arm64", "os": "linux", "rootfs": {"diff_ids": []}})
FILES: Files = {
    "/usr/bin/app": elf(("libused.so",), machine=183),
    "/usr/bin/idle": Exec(b"idle"),
    "/usr/lib/libused.so": elf(machine=183),
    "/usr/lib/libidle.so": elf(machine=183),
    "/usr/share/idle/data": "data",
    "/opt/own": "of no package",
    "/var/lib/dpkg/status": "",
}
APP = package(Ecosystem.DEB, "app", ("/usr/bin/app",))
IDLE = package(Ecosystem.DEB, "idle", ("/usr/bin/idle", "/usr/share/idle/data", "/usr/share/idle"))
LIBRARY = package(Ecosystem.DEB, "libused", ("/usr/lib/libused.so",))
OTHER = package(Ecosystem.DEB, "libidle", ("/usr/lib/libidle.so",))


def stock(*packages: Package) -> Inventory:
    owners: dict[ImagePath, tuple[str, ...]] = {}
    for item in packages:
        for path in item.files:
            owners[path] = (*owners.get(path, ()), item.purl)
    return Inventory({item.purl: item for item in packages}, owners)


def ran(
    *packages: Package, removed: tuple[Package, ...], platform: str = "linux/amd64"
) -> RunPlatform:
    outcomes = {
        item.purl: PackagePlan(
            item.purl, Outcome.REMOVED if item in removed else Outcome.KEPT, 1, 1, 1, 1
        )
        for item in packages
    }
    plan = Plan(AMD, Level.CLOSURE, {}, {}, outcomes, "f" * 64)
    return RunPlatform(platform, stock(*packages), plan)


def derived(here: Inventory, *others: RunPlatform, rootfs: Rootfs | None = None) -> Plan:
    return derive(rootfs or tree(FILES), here, CONFIG, ARM, others)


def gone(plan: Plan) -> set[str]:
    return {str(path) for path in plan.remove}


def test_packages_that_others_do_without_go_and_nothing_else() -> None:
    plan = derived(stock(APP, IDLE, LIBRARY), ran(APP, IDLE, LIBRARY, removed=(IDLE,)))
    assert gone(plan) == {"/usr/bin/idle", "/usr/share/idle/data", "/usr/share/idle"}
    assert plan.packages[IDLE.purl].outcome is Outcome.REMOVED
    assert plan.packages[APP.purl].outcome is Outcome.KEPT
    assert plan.basis is Basis.DERIVED
    assert plan.notes == (
        "linux/arm64 was not run: packages that are removed on linux/amd64 are removed",
    )
    assert read_plan(write_plan(plan)) == plan
    assert {*plan.keep, *plan.remove} == {entry.path for entry in tree(FILES)}


def test_a_library_that_a_kept_program_is_linked_with_stays() -> None:
    plan = derived(stock(APP, LIBRARY, OTHER), ran(APP, LIBRARY, OTHER, removed=(LIBRARY, OTHER)))
    assert gone(plan) == {"/usr/lib/libidle.so"}
    assert plan.keep[ImagePath("/usr/lib/libused.so")].code == "elf-needed"


def test_a_package_stays_where_one_of_the_others_kept_it_or_none_has_it() -> None:
    here = stock(APP, IDLE, OTHER)
    kept = ran(APP, IDLE, removed=(), platform="linux/386")
    assert gone(derived(here, ran(APP, IDLE, removed=(IDLE,)), kept)) == set()
    lacks = ran(APP, removed=(), platform="linux/386")
    assert "/usr/bin/idle" in gone(derived(here, ran(APP, IDLE, removed=(IDLE,)), lacks))
    assert "/usr/lib/libidle.so" not in gone(derived(here, ran(APP, removed=())))


def test_a_dependency_that_only_this_platform_has_stays() -> None:
    needs = replace(APP, depends=("libidle (>= 2)|libother",))
    here = stock(needs, OTHER)
    assert gone(derived(here, ran(APP, OTHER, removed=(OTHER,)))) == set()
    # The same dependency there, whatever the version: its platform was run without the package.
    there = replace(APP, depends=("libidle (>= 1)|libother",))
    assert gone(derived(here, ran(there, OTHER, removed=(OTHER,)))) == {"/usr/lib/libidle.so"}


def test_what_a_spared_package_depends_on_here_alone_stays_too() -> None:
    needs, spared = replace(APP, depends=("libidle",)), replace(OTHER, depends=("idle",))
    plan = derived(stock(needs, spared, IDLE), ran(APP, OTHER, IDLE, removed=(OTHER, IDLE)))
    assert gone(plan) == set()


def test_a_file_that_a_staying_package_has_too_stays() -> None:
    both = replace(APP, files=(*APP.files, ImagePath("/usr/share/idle/data")))
    plan = derived(stock(both, IDLE), ran(APP, IDLE, removed=(IDLE,)))
    assert gone(plan) == {"/usr/bin/idle"}


def test_packages_inside_files_are_not_removed_by_their_names() -> None:
    inside = replace(package(Ecosystem.GOLANG, "idle", ("/opt/own",)), presence=Presence.EMBEDDED)
    assert gone(derived(stock(APP, inside), ran(APP, inside, removed=(inside,)))) == set()


def test_links_into_a_removed_package_do_not_bring_it_back() -> None:
    rootfs = tree({**FILES, "/usr/bin/alias": Link("idle")})
    plan = derived(stock(APP, IDLE), ran(APP, IDLE, removed=(IDLE,)), rootfs=rootfs)
    # A link of no package is kept, and so is what it leads to.
    assert "/usr/bin/idle" not in gone(plan)
    assert "/usr/share/idle/data" in gone(plan)


def test_what_a_removed_package_depends_on_there_proves_nothing_here() -> None:
    spared = replace(OTHER, depends=("idle",))
    here = stock(replace(APP, depends=("libidle",)), spared, IDLE)
    assert gone(derived(here, ran(APP, spared, IDLE, removed=(spared, IDLE)))) == set()
