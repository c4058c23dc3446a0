"""What only a rebuild fixes: the sentence says what to type."""

from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.patching import Aim, Blocked, BlockReason, PatchChoices
from careen.model.paths import ImagePath
from careen.patch.port import Ground
from careen.patch.rebuild import explain
from tests.support.trees import tree

SERVER = ImagePath("/usr/local/bin/server")
AGENT = ImagePath("/usr/bin/agent")
NET = "pkg:golang/golang.org/x/net@v0.17.0"
STDLIB = "pkg:golang/stdlib@1.21.5"


def inside(
    ecosystem: Ecosystem, name: str, version: str, record: ImagePath, evidence: str
) -> Package:
    purl = f"pkg:{ecosystem.value}/{name}@{version}"
    return Package(
        ecosystem,
        name,
        version,
        purl,
        record,
        (record,),
        presence=Presence.EMBEDDED,
        evidence=evidence,
    )


def explained(
    packages: list[Package],
    fixes: dict[str, dict[str, tuple[str, ...]]],
    owners: dict[ImagePath, tuple[str, ...]] | None = None,
) -> list[Blocked]:
    inventory = Inventory({package.purl: package for package in packages}, owners or {})
    aims = [
        Aim(package.purl, package.name, package.version, package.ecosystem, fixes[package.purl])
        for package in packages
        if package.purl in fixes
    ]
    return list(explain(Ground(tree({"/etc/os-release": ""}), inventory, PatchChoices()), aims))


def go_program() -> list[Package]:
    return [
        inside(
            Ecosystem.GOLANG, "stdlib", "1.21.5", SERVER, "made by go1.21.5, as Go build info says"
        ),
        inside(
            Ecosystem.GOLANG,
            "example.org/server",
            "v1.4.0",
            SERVER,
            "Go build info: the main module",
        ),
        inside(Ecosystem.GOLANG, "golang.org/x/net", "v0.17.0", SERVER, "Go build info"),
    ]


def test_a_module_names_its_program_and_one_command_for_all_of_its_findings() -> None:
    (found,) = explained(
        go_program(), {NET: {"GO-2024-2687": ("0.23.0",), "GO-2024-3333": ("0.33.0",)}}
    )
    assert found.barrier is BlockReason.REBUILD
    assert found.findings == ("GO-2024-2687", "GO-2024-3333")
    assert (
        found.detail
        == "go get golang.org/x/net@v0.33.0 && go build, for /usr/local/bin/server (main module"
        " example.org/server v1.4.0); Go 1.21.5 made it"
    )


def test_the_standard_library_asks_for_another_go() -> None:
    (found,) = explained(
        go_program(),
        {STDLIB: {"GO-2024-2887": ("1.21.11", "1.22.4"), "GO-2024-2963": ("1.21.12", "1.22.5")}},
    )
    assert (
        found.detail
        == "build /usr/local/bin/server (main module example.org/server v1.4.0) with Go ≥ 1.21.12;"
        " 1.21.5 made it"
    )


def test_the_program_itself_is_to_be_replaced() -> None:
    (found,) = explained(
        go_program(), {"pkg:golang/example.org/server@v1.4.0": {"GO-1": ("1.4.2",)}}
    )
    assert (
        found.detail == "it is the program itself: install or build example.org/server ≥ v1.4.2 as"
        " /usr/local/bin/server; Go 1.21.5 made it"
    )


def test_a_crate_of_a_program_that_a_distribution_built_is_the_distributions_to_build() -> None:
    crate = inside(Ecosystem.CARGO, "time", "0.1.43", AGENT, "cargo auditable")
    (found,) = explained(
        [crate],
        {crate.purl: {"RUSTSEC-2020-0071": ("0.2.23",)}},
        {AGENT: ("pkg:deb/debian/agent@1.0-1?arch=amd64",)},
    )
    assert (
        found.detail
        == "cargo update -p time --precise 0.2.23 && cargo build --release, for /usr/bin/agent; "
        "the file is pkg:deb/debian/agent@1.0-1's, and its distribution's to build"
    )


def test_a_library_in_a_wheel_names_the_wheel() -> None:
    path = ImagePath("/usr/lib/python3/site-packages/pillow.libs/libwebp-0123abcd.so.7")
    library = inside(Ecosystem.GENERIC, "libwebp", "1.2.4", path, "version string")
    (found,) = explained(
        [library], {library.purl: {"CVE-2023-4863": ("1.3.2",)}}, {path: ("pkg:pypi/pillow@9.5.0",)}
    )
    assert found.barrier is BlockReason.REBUILD
    assert (
        found.detail
        == f"libwebp 1.2.4 is inside {path}, which pkg:pypi/pillow@9.5.0 brings: a build of that"
        " with libwebp ≥ 1.3.2 is needed"
    )


def test_what_nobody_claims_is_not_lost() -> None:
    wheel = Package(Ecosystem.PYPI, "six", "1.0", "pkg:pypi/six@1.0", ImagePath("/opt/six"), ())
    (found,) = explained([wheel], {wheel.purl: {"PYSEC-1": ("1.1",)}})
    assert (found.barrier, found.findings) == (BlockReason.NO_MEANS, ("PYSEC-1",))
    assert found.detail == "fixed in 1.1; careen cannot upgrade pypi packages in /opt/six"
