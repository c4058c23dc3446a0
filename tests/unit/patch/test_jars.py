"""Jars in the place of jars: on disk, nested, with what they need; and what is left alone, with the
reason.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from careen.errors import ToolError
from careen.formats.versions.maven import MAVEN
from careen.inventory.java import find as java
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Aim, BlockReason, PatchChoices, Reach
from careen.oci.tree.rootfs import Rootfs
from careen.patch.jars.patcher import Jars, find
from careen.patch.port import Applied, Ground, Proposal
from careen.patch.sandbox import Sandbox
from tests.support.jars import jar
from tests.support.maven_folder import gradle_jar, maven_jar, publish
from tests.support.trees import Link, tree

SANDBOX = cast("Sandbox", None)  # nothing is run for jars
FIX = {"CVE-1": ("1.2.5",)}
SCRIPT = b"#!/bin/sh\nexec java -jar $0\n"


def stock(rootfs: Rootfs) -> Inventory:
    packages: dict[str, Package] = {}
    for package in java.find(rootfs).packages:
        packages.setdefault(package.purl, package)
    return Inventory(packages, {})


def patcher(rootfs: Rootfs, maven: Path, **choices: object) -> Jars:
    given = PatchChoices(maven=str(maven), **choices)  # type: ignore[arg-type]
    (found,) = find(Ground(rootfs, stock(rootfs), given))
    assert isinstance(found, Jars)
    return found


def aims(rootfs: Rootfs, fixes: Mapping[str, Mapping[str, tuple[str, ...]]]) -> list[Aim]:
    return [
        Aim(each.purl, each.name, each.version, Ecosystem.MAVEN, dict(fixes[each.name]))
        for each in stock(rootfs).packages.values()
        if each.name in fixes
    ]


def patched(
    rootfs: Rootfs,
    maven: Path,
    fixes: Mapping[str, Mapping[str, tuple[str, ...]]],
    **choices: object,
) -> tuple[Proposal, Applied]:
    jars = patcher(rootfs, maven, **choices)
    proposal = jars.propose(aims(rootfs, fixes), SANDBOX)
    return proposal, jars.apply(proposal.upgrades, SANDBOX)


def boot_jar(libraries: Mapping[str, bytes], extra: Mapping[str, bytes] | None = None) -> bytes:
    """As Spring Boot packs one: a start script in front, classes packed, libraries stored, an index
    of them.
    """
    out = io.BytesIO()
    out.write(SCRIPT)
    with zipfile.ZipFile(out, "a") as archive:
        index = "".join(f'- "BOOT-INF/lib/{name}"\n' for name in libraries)
        members = {
            "META-INF/MANIFEST.MF": b"Main-Class: Launcher\r\n\r\n",
            "BOOT-INF/classes/App.class": b"app" * 500,
            **(extra or {}),
        }
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (2021, 5, 4, 3, 2, 2))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
        archive.writestr(zipfile.ZipInfo("BOOT-INF/classpath.idx", (2021, 5, 4, 3, 2, 2)), index)
        for name, data in libraries.items():
            info = zipfile.ZipInfo(f"BOOT-INF/lib/{name}", (2021, 5, 4, 3, 2, 4))
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
        archive.comment = b"built"
    return out.getvalue()


def members(data: bytes) -> dict[str, tuple[int, int, tuple[int, ...]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {
            info.filename: (info.CRC, info.compress_type, info.date_time)
            for info in archive.infolist()
        }


def test_a_jar_of_a_class_path_keeps_its_name_and_attributes_and_is_read_back_as_the_new_version(
    tmp_path: Path,
) -> None:
    publish(tmp_path, "org.example:lib:1.2.3", maven_jar("org.example", "lib", "1.2.3"))
    new = publish(tmp_path, "org.example:lib:1.2.5", maven_jar("org.example", "lib", "1.2.5"))
    publish(tmp_path, "org.example:lib:2.0.0", maven_jar("org.example", "lib", "2.0.0"))
    rootfs = tree({"/app/lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3")})
    proposal, applied = patched(rootfs, tmp_path, {"org.example:lib": FIX}, reach=Reach.LATEST)
    (upgrade,) = proposal.upgrades
    assert (upgrade.installed, upgrade.target, upgrade.closes) == ("1.2.3", "1.2.5", ("CVE-1",))
    (placed,) = applied.placed
    assert (placed.entry.path, placed.entry.mode, placed.content) == (
        "/app/lib/lib-1.2.3.jar",
        0o644,
        new.read_bytes(),
    )
    assert applied.notes == (
        (
            "/app/lib/lib-1.2.3.jar keeps its name, which class paths may state; it is"
            " org.example:lib 1.2.5"
        ),
    )
    after = java.find(tree({placed.entry.path: placed.content})).packages
    assert [each.purl for each in after] == ["pkg:maven/org.example/lib@1.2.5"]


def test_a_fat_jar_changes_only_in_its_library(tmp_path: Path) -> None:
    new = publish(
        tmp_path, "org.example:lib:1.2.5", maven_jar("org.example", "lib", "1.2.5", b"x" * 3000)
    )
    other = maven_jar("org.example", "other", "1.0")
    before = boot_jar(
        {"lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3"), "other-1.0.jar": other}
    )
    rootfs = tree({"/app.jar": before})
    _, applied = patched(rootfs, tmp_path, {"org.example:lib": FIX})
    (placed,) = applied.placed
    was, now = members(before), members(placed.content)
    assert list(now) == list(was)
    changed = {name for name in now if now[name] != was[name]}
    assert changed == {"BOOT-INF/lib/lib-1.2.3.jar"}
    assert now["BOOT-INF/lib/lib-1.2.3.jar"][1:] == (zipfile.ZIP_STORED, (2021, 5, 4, 3, 2, 4))
    assert placed.content.startswith(SCRIPT)
    assert placed.content.endswith(b"built")
    with zipfile.ZipFile(io.BytesIO(placed.content)) as archive:
        assert archive.read("BOOT-INF/lib/lib-1.2.3.jar") == new.read_bytes()
    assert {each.purl for each in java.find(tree({"/app.jar": placed.content})).packages} >= {
        "pkg:maven/org.example/lib@1.2.5"
    }


def test_the_same_upgrade_gives_the_same_bytes(tmp_path: Path) -> None:
    publish(tmp_path, "org.example:lib:1.2.5", maven_jar("org.example", "lib", "1.2.5"))
    rootfs = tree(
        {"/app.jar": boot_jar({"lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3")})}
    )
    first, second = (patched(rootfs, tmp_path, {"org.example:lib": FIX})[1] for _ in range(2))
    assert first.placed == second.placed


def test_a_library_whose_version_only_its_name_says_gets_the_new_name_in_the_index_too(
    tmp_path: Path,
) -> None:
    publish(
        tmp_path,
        "org.springframework:spring-core:5.3.9",
        gradle_jar("spring-core", "5.3.9", "org/springframework/core/"),
    )
    rootfs = tree(
        {
            "/app.jar": boot_jar(
                {
                    "spring-core-5.3.1.jar": gradle_jar(
                        "spring-core", "5.3.1", "org/springframework/core/"
                    )
                }
            )
        }
    )
    proposal, applied = patched(
        rootfs, tmp_path, {"org.springframework:spring-core": {"CVE-2": ("5.3.9",)}}
    )
    (placed,) = applied.placed
    with zipfile.ZipFile(io.BytesIO(placed.content)) as archive:
        assert archive.read("BOOT-INF/classpath.idx") == b'- "BOOT-INF/lib/spring-core-5.3.9.jar"\n'
    assert [
        each.purl
        for each in java.find(tree({"/app.jar": placed.content})).packages
        if "spring-core" in each.purl
    ] == ["pkg:maven/org.springframework/spring-core@5.3.9"]
    assert proposal.upgrades[0].closes == ("CVE-2",)


def test_on_disk_such_a_jar_leaves_a_link_under_the_name_that_class_paths_state(
    tmp_path: Path,
) -> None:
    publish(
        tmp_path,
        "org.springframework:spring-core:5.3.9",
        gradle_jar("spring-core", "5.3.9", "org/springframework/core/"),
    )
    rootfs = tree(
        {
            "/lib/spring-core-5.3.1.jar": gradle_jar(
                "spring-core", "5.3.1", "org/springframework/core/"
            )
        }
    )
    _, applied = patched(
        rootfs, tmp_path, {"org.springframework:spring-core": {"CVE-2": ("5.3.9",)}}
    )
    file, link = applied.placed
    assert file.entry.path == "/lib/spring-core-5.3.9.jar"
    assert (link.entry.path, link.entry.target) == (
        "/lib/spring-core-5.3.1.jar",
        "spring-core-5.3.9.jar",
    )
    after = tree({file.entry.path: file.content, link.entry.path: Link(link.entry.target)})
    assert [each.purl for each in java.find(after).packages] == [
        "pkg:maven/org.springframework/spring-core@5.3.9"
    ]


def test_a_library_in_a_jar_in_a_war_is_reached(tmp_path: Path) -> None:
    publish(tmp_path, "org.example:lib:1.2.5", maven_jar("org.example", "lib", "1.2.5"))
    war = jar(
        {
            "WEB-INF/lib/outer-1.0.jar": jar(
                {"lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3"), "x": b"x"}
            )
        }
    )
    _, applied = patched(tree({"/srv/app.war": war}), tmp_path, {"org.example:lib": FIX})
    found = {
        each.purl for each in java.find(tree({"/srv/app.war": applied.placed[0].content})).packages
    }
    assert "pkg:maven/org.example/lib@1.2.5" in found
    assert "pkg:maven/org.example/lib@1.2.3" not in found


def test_a_jar_beside_it_goes_along_where_the_pom_asks_for_a_newer_one(tmp_path: Path) -> None:
    publish(
        tmp_path,
        "org.example:lib:1.2.5",
        maven_jar("org.example", "lib", "1.2.5"),
        {"org.example:base": "1.1"},
    )
    publish(tmp_path, "org.example:base:1.1", maven_jar("org.example", "base", "1.1"))
    rootfs = tree(
        {
            "/lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3"),
            "/lib/base-1.0.jar": maven_jar("org.example", "base", "1.0"),
        }
    )
    proposal, applied = patched(rootfs, tmp_path, {"org.example:lib": FIX})
    assert [(each.name, each.target, each.pulled_by) for each in proposal.upgrades] == [
        ("org.example:base", "1.1", ("pkg:maven/org.example/lib@1.2.3",)),
        ("org.example:lib", "1.2.5", ()),
    ]
    assert len({each.group for each in proposal.upgrades}) == 1
    assert [placed.entry.path for placed in applied.placed] == [
        "/lib/base-1.0.jar",
        "/lib/lib-1.2.3.jar",
    ]


@pytest.mark.parametrize(
    ("group", "version", "offered", "expected"),
    [
        ("org.example.data", "1.2.3", "1.2.5", "1.2.5"),  # released together, under one number
        ("org.example", "1.2.2", "1.2.5", ""),
        ("org.other", "1.2.3", "1.2.5", ""),
        ("org.example", "1.2.3", "1.2.4", ""),
    ],
)
def test_jars_that_are_released_together_stay_together_where_the_parent_that_says_so_is_missing(
    tmp_path: Path, group: str, version: str, offered: str, expected: str
) -> None:
    publish(
        tmp_path,
        "org.example:lib:1.2.5",
        maven_jar("org.example", "lib", "1.2.5"),
        {f"{group}:core": "${version.of.the.parent}"},
    )
    publish(tmp_path, f"{group}:core:{offered}", maven_jar(group, "core", offered))
    rootfs = tree(
        {
            "/lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3"),
            "/lib/core.jar": maven_jar(group, "core", version),
        }
    )
    proposal, _ = patched(rootfs, tmp_path, {"org.example:lib": FIX})
    targets = {each.name: each.target for each in proposal.upgrades}
    assert targets == {
        "org.example:lib": "1.2.5",
        **({f"{group}:core": expected} if expected else {}),
    }
    assert len({each.group for each in proposal.upgrades}) == 1


def test_a_jar_made_for_the_old_major_version_goes_along_to_one_made_for_the_new(
    tmp_path: Path,
) -> None:
    publish(tmp_path, "org.example:yaml:2.0", maven_jar("org.example", "yaml", "2.0"))
    for version, needed in (
        ("1.0", "1.3"),
        ("1.1", "1.9"),
        ("1.2", "2.0"),
        ("1.3", "2.4"),
        ("1.4-rc1", "2.0"),
        ("2.0", "2.0"),
    ):
        publish(
            tmp_path,
            f"org.example:user:{version}",
            maven_jar("org.example", "user", version),
            {"org.example:yaml": needed},
        )
    rootfs = tree(
        {
            "/lib/yaml-1.3.jar": maven_jar("org.example", "yaml", "1.3"),
            "/lib/user-1.0.jar": maven_jar("org.example", "user", "1.0"),
        }
    )
    proposal, applied = patched(
        rootfs, tmp_path, {"org.example:yaml": {"CVE-1": ("2.0",)}}, allow_major=True
    )
    assert {each.name: each.target for each in proposal.upgrades} == {
        "org.example:user": "1.2",
        "org.example:yaml": "2.0",
    }
    assert len({each.group for each in proposal.upgrades}) == 1
    assert [placed.entry.path for placed in applied.placed] == [
        "/lib/user-1.0.jar",
        "/lib/yaml-1.3.jar",
    ]


def test_a_jar_that_has_no_version_for_the_new_major_version_is_left_to_the_tests(
    tmp_path: Path,
) -> None:
    publish(tmp_path, "org.example:yaml:2.0", maven_jar("org.example", "yaml", "2.0"))
    for version, needed in (("1.0", "1.3"), ("1.1", "1.9"), ("1.2", "3.0")):
        publish(
            tmp_path,
            f"org.example:user:{version}",
            maven_jar("org.example", "user", version),
            {"org.example:yaml": needed},
        )
    rootfs = tree(
        {
            "/lib/yaml-1.3.jar": maven_jar("org.example", "yaml", "1.3"),
            "/lib/user-1.0.jar": maven_jar("org.example", "user", "1.0"),
        }
    )
    proposal, _ = patched(
        rootfs, tmp_path, {"org.example:yaml": {"CVE-1": ("2.0",)}}, allow_major=True
    )
    assert {each.name: each.target for each in proposal.upgrades} == {"org.example:yaml": "2.0"}


@pytest.mark.parametrize(
    ("needs", "barrier", "detail"),
    [
        (
            {"org.example:base": "2.0"},
            BlockReason.MAJOR,
            "it needs org.example:base 2.0, another major version than the 1.0 that is there",
        ),
        (
            {"org.example:base": "1.4"},
            BlockReason.PINNED,
            "it needs org.example:base 1.4, which {maven} does not have",
        ),
        (
            {"org.example:fresh": "1.0"},
            BlockReason.PINNED,
            "org.example:lib 1.2.5 needs org.example:fresh 1.0, which is not there",
        ),
    ],
)
def test_what_is_needed_and_cannot_be_had_holds_back(
    tmp_path: Path, needs: dict[str, str], barrier: BlockReason, detail: str
) -> None:
    publish(tmp_path, "org.example:lib:1.2.3", maven_jar("org.example", "lib", "1.2.3"))
    publish(tmp_path, "org.example:lib:1.2.5", maven_jar("org.example", "lib", "1.2.5"), needs)
    rootfs = tree(
        {
            "/lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3"),
            "/lib/base-1.0.jar": maven_jar("org.example", "base", "1.0"),
        }
    )
    proposal = patcher(rootfs, tmp_path).propose(aims(rootfs, {"org.example:lib": FIX}), SANDBOX)
    (blocked,) = proposal.blocked
    assert (blocked.barrier, blocked.findings, blocked.detail) == (
        barrier,
        ("CVE-1",),
        detail.format(maven=tmp_path),
    )
    assert proposal.upgrades == ()


def test_what_cannot_be_exchanged_says_why(tmp_path: Path) -> None:
    lib = maven_jar("org.example", "lib", "1.2.3")
    signed = boot_jar({"lib-1.2.3.jar": lib}, {"META-INF/ACME.SF": b"Signature-Version: 1.0\r\n"})
    shaded = jar(
        {
            "META-INF/maven/org.example/lib/pom.properties": (
                b"groupId=org.example\nartifactId=lib\nversion=1.2.3\n"
            ),
            "lib/A.class": b"x",
        }
    )
    for path, content, barrier, words in (
        (
            "/signed.jar",
            signed,
            BlockReason.FOREIGN,
            "/signed.jar is signed (META-INF/ACME.SF): the signature would no longer be valid",
        ),
        (
            "/fat-9.jar",
            shaded,
            BlockReason.REBUILD,
            (
                "its classes were copied into /fat-9.jar; that has to be built again with another"
                " version"
            ),
        ),
        (
            "/root/.m2/repository/org/example/lib/1.2.3/lib-1.2.3.jar",
            lib,
            BlockReason.FOREIGN,
            "lies in a Maven or Gradle repository",
        ),
        ("/lib/lib-1.2.3.jar", lib, BlockReason.UNAVAILABLE, f"{tmp_path} has no org.example:lib"),
    ):
        rootfs = tree({path: content})
        (blocked,) = (
            patcher(rootfs, tmp_path)
            .propose(aims(rootfs, {"org.example:lib": FIX}), SANDBOX)
            .blocked
        )
        assert blocked.barrier is barrier
        assert words in blocked.detail


def test_a_repository_that_has_nothing_of_what_is_asked_is_doubted(tmp_path: Path) -> None:
    rootfs = tree(
        {
            f"/lib/{name}-1.2.3.jar": maven_jar("org.example", name, "1.2.3")
            for name in ("lib", "other")
        }
    )
    wanted = aims(rootfs, {"org.example:lib": FIX, "org.example:other": FIX})
    doubt = f"{tmp_path} has none of the requested artifacts: check --maven"
    assert patcher(rootfs, tmp_path).propose(wanted, SANDBOX).notes == (doubt,)
    publish(tmp_path, "org.example:lib:1.2.5", maven_jar("org.example", "lib", "1.2.5"))
    assert doubt not in patcher(rootfs, tmp_path).propose(wanted, SANDBOX).notes


def test_a_major_version_is_not_taken_unless_it_may_be(tmp_path: Path) -> None:
    publish(tmp_path, "org.example:lib:2.0.1", maven_jar("org.example", "lib", "2.0.1"))
    rootfs = tree({"/lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3")})
    wanted = aims(rootfs, {"org.example:lib": {"CVE-1": ("2.0.1",)}})
    (blocked,) = patcher(rootfs, tmp_path).propose(wanted, SANDBOX).blocked
    assert blocked.barrier is BlockReason.MAJOR
    (upgrade,) = patcher(rootfs, tmp_path, allow_major=True).propose(wanted, SANDBOX).upgrades
    assert MAVEN.compare(upgrade.target, "2.0.1") == 0


def test_a_wrong_checksum_and_a_jar_that_is_another_are_refused(tmp_path: Path) -> None:
    rootfs = tree({"/lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3")})
    file = publish(tmp_path, "org.example:lib:1.2.5", maven_jar("org.example", "lib", "1.2.4"))
    wanted = aims(rootfs, {"org.example:lib": FIX})
    (blocked,) = patcher(rootfs, tmp_path).propose(wanted, SANDBOX).blocked
    assert blocked.detail.endswith(
        "is not org.example:lib 1.2.5: its pom.properties says version '1.2.4'"
    )
    file.write_bytes(b"garbage")
    with pytest.raises(
        ToolError, match=r"lib-1\.2\.5\.jar: its sha1 does not match its checksum file"
    ):
        patcher(rootfs, tmp_path).propose(wanted, SANDBOX)


def test_without_a_repository_nothing_is_tried() -> None:
    rootfs = tree({"/lib/lib-1.2.3.jar": maven_jar("org.example", "lib", "1.2.3")})
    (found,) = find(Ground(rootfs, stock(rootfs), PatchChoices()))
    (blocked,) = found.propose(aims(rootfs, {"org.example:lib": FIX}), SANDBOX).blocked
    assert (blocked.barrier, blocked.detail) == (
        BlockReason.NO_MEANS,
        "no Maven repository is named (--maven DIRECTORY-OR-URL)",
    )
