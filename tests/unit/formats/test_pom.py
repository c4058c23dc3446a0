"""A pom.xml as it is stated, and what is refused of one."""

import pytest

from careen.formats.pom import MAX_DEPENDENCIES, PomError, read_pom, replaced

WHOLE = b"""<project xmlns="http://maven.apache.org/POM/4.0.0">
 <parent><groupId>org.example</groupId><artifactId>above</artifactId><version>7</version></parent>
 <artifactId>one</artifactId><version>${v}</version><version>again</version>
 <properties><v>1.2</v><v>9</v></properties>
 <licenses><license><name>MIT</name></license><license><name/></license></licenses>
 <dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><note>x</note></dependency></dependencies>
 <dependencyManagement><dependencies>
  <dependency><groupId>g</groupId><artifactId>a</artifactId><version>3</version></dependency>
 </dependencies></dependencyManagement>
 <build><plugins><plugin><version>5</version></plugin></plugins></build>
</project>"""


def test_what_is_stated_is_read_and_of_what_is_repeated_the_first() -> None:
    pom = read_pom(WHOLE)
    assert (pom.group, pom.artifact, pom.version) == ("", "one", "${v}")
    assert pom.parent == ("org.example", "above", "7")
    assert pom.properties == {"v": "1.2"}
    assert pom.licences == ("MIT",)
    assert pom.dependencies == [{"groupId": "g", "artifactId": "a"}]
    assert pom.managed == [{"groupId": "g", "artifactId": "a", "version": "3"}]
    assert replaced(pom.version, pom.properties) == "1.2"


def test_another_root_is_no_pom_of_anything() -> None:
    pom = read_pom(b"<settings><version>1</version></settings>")
    assert (pom.version, pom.parent) == ("", ("", "", ""))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no element found"),
        (b"<project>", "no element found"),
        (b"<!DOCTYPE project [<!ENTITY x 'y'>]><project/>", "document type"),
        (b"<?xml version='1.0' encoding='none-such'?><project/>", "unknown encoding"),
    ],
)
def test_what_is_no_pom_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(PomError, match=why):
        read_pom(data)


def test_a_hundred_thousand_elements_within_each_other_are_passed_over() -> None:
    deep = b"<project>" + b"<version>" * 100_000 + b"</version>" * 100_000 + b"</project>"
    assert read_pom(deep).version == ""


def test_dependencies_are_bounded() -> None:
    many = b"<dependency><version>1</version></dependency>" * (MAX_DEPENDENCIES + 5)
    pom = read_pom(b"<project><dependencies>" + many + b"</dependencies></project>")
    assert len(pom.dependencies) == MAX_DEPENDENCIES


def test_a_reference_to_itself_ends() -> None:
    assert replaced("${a}", {"a": "${b}", "b": "${a}"}) == ""
