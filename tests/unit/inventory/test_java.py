"""Java artifacts of an image."""

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest

from careen.inventory.java import find as java
from careen.inventory.java.names import guessed, main_section, repository_coordinates, split_stem
from careen.inventory.java.pom import read_pom, resolve
from careen.model.packages.package import Package, Presence
from tests.support.trees import Link, tree

Files = dict[str, bytes | str | Link | None]


def jar(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def properties(group: str, artifact: str, version: str) -> dict[str, bytes | str]:
    return {
        f"META-INF/maven/{group}/{artifact}/pom.properties": (
            f"#Generated\ngroupId={group}\nartifactId={artifact}\nversion={version}\n"
        )
    }


def manifest(**attributes: str) -> dict[str, bytes | str]:
    lines = [
        "Manifest-Version: 1.0",
        *(f"{name.replace('_', '-')}: {value}" for name, value in attributes.items()),
    ]
    return {
        "META-INF/MANIFEST.MF": (
            "\r\n".join(lines) + "\r\n\r\nName: other\r\nImplementation-Version: 9\r\n"
        )
    }


def clean(files: Files) -> dict[str, Package]:
    found = java.find(tree(files))
    assert found.unknowns == ()
    return {package.purl: package for package in found.packages}


def unknowns(files: Files) -> list[tuple[str, str]]:
    return [(unknown.path, unknown.reason) for unknown in java.find(tree(files)).unknowns]


def test_a_jar_is_what_its_own_pom_says_and_what_was_shaded_into_it_is_embedded() -> None:
    pom = "<project><licenses><license><name>Apache-2.0</name></license><license><name>MIT</name></license></licenses></project>"
    files = {
        **properties("com.google.code.gson", "gson", "2.8.0"),
        **properties("org.example", "app", "1.2.0"),
        "META-INF/maven/org.example/app/pom.xml": pom,
        **manifest(Implementation_Title="whatever"),
    }
    found = clean({"/srv/app-1.2.0.jar": jar(files)})
    own = found["pkg:maven/org.example/app@1.2.0"]
    assert (own.name, own.version, own.presence, own.evidence) == (
        "org.example:app",
        "1.2.0",
        Presence.INSTALLED,
        "pom.properties",
    )
    assert (own.record, own.files, own.licence) == (
        "/srv/app-1.2.0.jar",
        ("/srv/app-1.2.0.jar",),
        "Apache-2.0 OR MIT",
    )
    shaded = found["pkg:maven/com.google.code.gson/gson@2.8.0"]
    assert (shaded.presence, shaded.evidence, shaded.files) == (
        Presence.EMBEDDED,
        "pom.properties (shaded)",
        ("/srv/app-1.2.0.jar",),
    )


def test_one_pom_alone_is_the_archives_own_unless_the_file_name_states_another_version() -> None:
    assert (
        clean({"/app.jar": jar(properties("g.h", "service", "3.0"))})[
            "pkg:maven/g.h/service@3.0"
        ].presence
        is Presence.INSTALLED
    )
    found = clean({"/built-by-gradle-7.1.jar": jar(properties("g.h", "service", "3.0"))})
    assert found["pkg:maven/g.h/service@3.0"].presence is Presence.EMBEDDED
    assert found["pkg:maven/built-by-gradle@7.1"].presence is Presence.INSTALLED


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_in_archives_are_found_each_with_the_way_to_it(method: int) -> None:
    inner = jar(properties("a.b", "c", "1.0"))
    war = jar(
        {
            "WEB-INF/lib/c-1.0.jar": inner,
            "WEB-INF/lib/copy/c-1.0.jar": inner,
            **properties("w.x", "web", "2.0"),
        },
        method,
    )
    found = clean({"/opt/shop-3.0.ear": jar({"web.war": war}, method)})
    assert set(found) == {"pkg:maven/shop@3.0", "pkg:maven/w.x/web@2.0", "pkg:maven/a.b/c@1.0"}
    c = found["pkg:maven/a.b/c@1.0"]
    assert (c.presence, c.evidence) == (
        Presence.EMBEDDED,
        "web.war!WEB-INF/lib/c-1.0.jar: pom.properties",
    )
    assert c.files == ("/opt/shop-3.0.ear",)


def test_jars_in_a_zip_file_are_found_and_other_zip_files_are_passed_over() -> None:
    found = clean(
        {
            "/dist.zip": jar(
                {"lib/a-1.0.jar": jar(properties("g.h", "a", "1.0")), "readme.txt": ""}
            ),
            "/data.zip": b"no zip at all",
        }
    )
    assert found["pkg:maven/g.h/a@1.0"].presence is Presence.EMBEDDED
    assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "files", "purl", "evidence"),
    [
        (
            "x-1.0.jar",
            manifest(Implementation_Vendor_Id="com.acme"),
            "pkg:maven/com.acme/x@1.0",
            "file name, group id from manifest Implementation-Vendor-Id",
        ),
        (
            "commons-io-2.11.0.jar",
            manifest(Bundle_SymbolicName="org.apache.commons.io;singleton:=true"),
            "pkg:maven/org.apache.commons/commons-io@2.11.0",
            "file name, group id from manifest Bundle-SymbolicName",
        ),
        (
            "rt.jar",
            manifest(Implementation_Version="1.8.0_412"),
            "pkg:maven/rt@1.8.0_412",
            "file name, manifest Implementation-Version",
        ),
        (
            "x-1.0.jar",
            manifest(Bundle_SymbolicName="Something Else"),
            "pkg:maven/x@1.0",
            "file name",
        ),
        ("x-1.0.jar", {}, "pkg:maven/x@1.0", "file name"),
        (
            "git.hpi",
            manifest(Plugin_Version="5.2.1", Group_Id="org.jenkins-ci.plugins", Short_Name="git"),
            "pkg:maven/org.jenkins-ci.plugins/git@5.2.1",
            "file name, manifest Plugin-Version, group id from manifest Group-Id",
        ),
        (
            "spring-core-5.3.20.jar",
            {"org/springframework/core/A.class": ""},
            "pkg:maven/org.springframework/spring-core@5.3.20",
            None,
        ),
        (
            "spring-core-5.3.20.jar",
            {"com/evil/A.class": ""},
            "pkg:maven/spring-core@5.3.20",
            "file name",
        ),
        (
            "spring-boot-2.7.5.jar",
            {"org/springframework/boot/A.class": ""},
            "pkg:maven/org.springframework.boot/spring-boot@2.7.5",
            None,
        ),
        (
            "groovy-3.0.9.jar",
            {"groovy/lang/A.class": ""},
            "pkg:maven/org.codehaus.groovy/groovy@3.0.9",
            None,
        ),
        (
            "groovy-4.0.1.jar",
            {"groovy/lang/A.class": ""},
            "pkg:maven/org.apache.groovy/groovy@4.0.1",
            None,
        ),
        (
            "jcommander-1.82.jar",
            {"com/beust/jcommander/A.class": "", "com/beust/jcommander/b/B.class": ""},
            "pkg:maven/com.beust/jcommander@1.82",
            None,
        ),
    ],
)
def test_without_a_pom_name_manifest_and_classes_say_what_it_is(
    name: str, files: Mapping[str, bytes | str], purl: str, evidence: str | None
) -> None:
    (found,) = clean({f"/lib/{name}": jar(files or {"x": ""})}).values()
    assert (found.purl, found.evidence) == (
        purl,
        evidence or "file name, group id from its classes",
    )


def test_debians_repository_of_links_and_gradles_and_mavens_caches_say_what_a_jar_is() -> None:
    found = clean(
        {
            "/usr/share/java/spring3-core-3.x.jar": jar({"x": ""}),
            "/usr/share/maven-repo/org/springframework/spring-core/4.3.30.RELEASE/spring-core-4.3.30.RELEASE.jar": Link(
                "../../../../../java/spring3-core-3.x.jar"
            ),
            "/usr/share/maven-repo/org/springframework/spring-core/debian/spring-core-debian.jar": (
                Link("../../../../../java/spring3-core-3.x.jar")
            ),
            "/home/app/.m2/repository/com/acme/deep/thing/1.0/thing-1.0.jar": jar({"x": ""}),
            f"/home/app/.gradle/caches/modules-2/files-2.1/com.acme/other/2.0/{'a' * 40}/other-2.0.jar": jar(
                {"x": ""}
            ),
        }
    )
    assert set(found) == {
        "pkg:maven/org.springframework/spring-core@4.3.30.RELEASE",
        "pkg:maven/com.acme.deep/thing@1.0",
        "pkg:maven/com.acme/other@2.0",
    }
    assert {package.evidence for package in found.values()} == {"its place in a repository"}
    assert repository_coordinates("/home/app/.m2/repository/com/acme/x/1.0/y-1.0.jar") is None


def test_an_archive_that_was_unpacked_is_found_by_its_pom_properties() -> None:
    folder = "/app/META-INF/maven/com.acme/shop"
    found = clean(
        {
            f"{folder}/pom.properties": "groupId=com.acme\nartifactId=shop\nversion=1.0\n",
            f"{folder}/pom.xml": "<project/>",
            "/app/x.class": "",
        }
    )
    shop = found["pkg:maven/com.acme/shop@1.0"]
    assert (shop.presence, shop.evidence) == (
        Presence.INSTALLED,
        "pom.properties of an archive that was unpacked",
    )
    assert shop.files == (f"{folder}/pom.properties", f"{folder}/pom.xml")
    assert unknowns({f"{folder}/pom.properties": "groupId=a\x1b\nartifactId=b\nversion=1\n"}) == [
        (f"{folder}/pom.properties", f"{folder}/pom.properties: no usable package name: 'a\\x1b'")
    ]


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("guava-31.1-jre", ("guava", "31.1-jre")),
        ("log4j-1.2-api-2.19.0", ("log4j-1.2-api", "2.19.0")),
        ("x-1.0-20230101.120000-1", ("x", "1.0-20230101.120000-1")),
        ("closure-compiler-v20130227", ("closure-compiler", "v20130227")),
        ("tabula-1.0.5-jar-with-dependencies", ("tabula", "1.0.5")),
        ("netty-transport-4.1.48.Final", ("netty-transport", "4.1.48.Final")),
        ("commons-lang3", ("commons-lang3", "")),
        ("-1", ("-1", "")),
        ("", ("", "")),
    ],
)
def test_a_file_name_is_split_into_artifact_and_version(
    stem: str, expected: tuple[str, str]
) -> None:
    assert split_stem(stem) == expected


def test_the_main_section_of_a_manifest_joins_its_lines_and_ends_at_the_blank_one() -> None:
    data = (
        b"Manifest-Version: 1.0\r\nBundle-Symbolic\r\nBundle-Name: a very lo\r\n ng"
        b" name\r\n\r\nName: x\r\nBundle-Name: other\r\n"
    )
    assert main_section(data)["Bundle-Name"] == "a very long name"


POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><!-- c -->
<parent><groupId>g.parent</groupId><artifactId>above</artifactId><version>7</version></parent>
<artifactId>child</artifactId><version>${revision}${changelist}</version>
<properties><changelist>-SNAPSHOT</changelist></properties>
<dependencies><dependency><groupId>no</groupId><artifactId>not-this</artifactId><version>0</version></dependency></dependencies></project>"""
ABOVE = """<project><groupId>g.parent</groupId><artifactId>above</artifactId><version>7</version>
<properties><revision>${major}.1</revision><major>4</major></properties></project>"""


def test_a_pom_inherits_from_the_parent_beside_it() -> None:
    files = {
        "META-INF/maven/g.parent/child/pom.xml": POM,
        "META-INF/maven/g.parent/above/pom.xml": ABOVE,
    }
    found = clean({"/child.jar": jar(files)})
    assert found["pkg:maven/g.parent/child@4.1-SNAPSHOT"].evidence == "pom.xml"
    assert found["pkg:maven/g.parent/above@7"].presence is Presence.EMBEDDED


def test_what_a_pom_leaves_open_is_unknown() -> None:
    found = java.find(
        tree(
            {
                "/child.jar": jar(
                    {"META-INF/maven/g.parent/child/pom.xml": POM.replace("${changelist}", "")}
                )
            }
        )
    )
    assert found.packages == ()
    assert [unknown.reason for unknown in found.unknowns] == [
        "META-INF/maven/g.parent/child/pom.xml: no usable package version: ''",
        "'child': neither its name nor its manifest nor a pom says what it is, with a version",
    ]


def pom(artifact: str, parent: str) -> str:
    return (
        f"<project><groupId>g.h</groupId><artifactId>{artifact}</artifactId><version>${{x}}</version>"
        f"<parent><groupId>g.h</groupId><artifactId>{parent}</artifactId><version>1</version></parent></project>"
    )


def test_parents_that_lead_back_to_themselves_are_unknown() -> None:
    files = {
        f"META-INF/maven/g.h/{name}/pom.xml": pom(name, above)
        for name, above in (("a", "b"), ("b", "c"), ("c", "a"), ("self", "self"))
    }
    found = java.find(tree({"/a-1.jar": jar({**files, **properties("ok.g", "fine", "1.0")})}))
    assert "pkg:maven/ok.g/fine@1.0" in [package.purl for package in found.packages]
    reasons = [unknown.reason for unknown in found.unknowns]
    assert len(reasons) == 4
    assert all("the parents of this pom lead back to 'g.h:" in reason for reason in reasons)


def test_a_chain_of_parents_is_bounded() -> None:
    poms = {("g.h", f"p{n}"): read_pom(pom(f"p{n}", f"p{n + 1}").encode(), "x") for n in range(100)}
    with pytest.raises(Exception, match="more than 20 parent poms"):
        resolve(poms["g.h", "p0"], poms, "x")


def test_properties_that_name_each_other_end() -> None:
    text = "<project><groupId>g.h</groupId><artifactId>a</artifactId><version>${x}</version><properties><x>${y}${y}</x><y>${x}${x}</y></properties></project>"
    assert resolve(read_pom(text.encode(), "x"), {}, "x") == ("g.h", "a", "")


@pytest.mark.parametrize(
    "text",
    [
        (
            '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b'
            ' "&a;&a;&a;">]><project><version>&b;</version></project>'
        ),
        '<!DOCTYPE p SYSTEM "file:///etc/passwd"><project/>',
    ],
)
def test_a_document_type_in_a_pom_is_refused(text: str) -> None:
    (path, reason), *_ = unknowns({"/a-1.jar": jar({"META-INF/maven/g/a/pom.xml": text})})
    assert path == "/a-1.jar"
    assert "a document type in a pom.xml, which can define entities, is refused" in reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            lambda: jar({"META-INF/maven/g.h/a/pom.properties": b"\0" * (50 << 20)}),
            "larger than the 2097152 bytes",
        ),
        (lambda: jar({"META-INF/MANIFEST.MF": b"A: " + b"\0" * (15 << 20)}), "as a zip bomb does"),
        (lambda: jar({"lib/bomb.jar": b"\0" * (40 << 20)}), "as a zip bomb does"),
        (
            lambda: jar({"lib/broken.jar": b"PK\x03\x04"}),
            "lib/broken.jar: cannot be read as a zip archive",
        ),
        (lambda: b"", "cannot be read as a zip archive"),
        (lambda: jar({"META-INF/maven/g/a/pom.xml": "<project>"}), "not a valid pom.xml"),
        (lambda: jar({"META-INF/maven/g/a/pom.xml": "<a>" * 100_000}), "not a valid pom.xml"),
        (
            lambda: jar(
                {
                    "META-INF/maven/g/a/pom.properties": (
                        "groupId=g\nartifactId=a\x1b[31m\nversion=1\n"
                    )
                }
            ),
            "no usable package name: 'a\\x1b[31m'",
        ),
        (
            lambda: jar(
                {"META-INF/maven/g/a/pom.properties": "groupId=g\nartifactId=a\nversion=1\0\n"}
            ),
            "no usable package version: '1\\x00'",
        ),
    ],
)
def test_a_hostile_archive_is_an_unknown_and_hides_no_other(
    content: Callable[[], bytes], reason: str
) -> None:
    files: Files = {
        "/bad-1.0.jar": content(),
        "/good-1.0.jar": jar(properties("g.h", "good", "1.0")),
    }
    assert any(reason in text for path, text in unknowns(files) if path == "/bad-1.0.jar")
    assert "pkg:maven/g.h/good@1.0" in [package.purl for package in java.find(tree(files)).packages]


def test_jars_nested_without_end_are_refused_at_a_depth() -> None:
    data = jar(properties("g.h", "core", "1.0"))
    for _ in range(10):
        data = jar({"r-1.0.jar": data}, zipfile.ZIP_STORED)
    assert any("nested more than 6 deep" in reason for _, reason in unknowns({"/q-1.0.jar": data}))


def test_an_archive_that_does_not_say_what_it_is_is_an_unknown() -> None:
    assert unknowns({"/opt/thing.jar": jar({"x": ""})}) == [
        (
            "/opt/thing.jar",
            "'thing': neither its name nor its manifest nor a pom says what it is, with a version",
        )
    ]
    assert guessed("\x1b[2J-1.0", {}, ()) is None
