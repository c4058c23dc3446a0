"""The table of `fleet who-has`: what is the same in every row is said once, in the title."""

import io

from rich.console import Console

from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Answer, Hit
from careen.report.fleet.answer import print_answer

LOG4J = "pkg:maven/org.apache.logging.log4j/log4j-core"


def printed(*hits: Hit) -> str:
    out = io.StringIO()
    answer = Answer("CVE-2021-44228", 9, len(hits), hits, ())
    print_answer(Console(file=out, width=80), answer, everything=False)
    return out.getvalue()


def hit(name: str, what: str, version: str, path: str = "/opt/app.jar") -> Hit:
    return Hit(f"sha256:{'a' * 64}", name, f"{what}@{version}", version, path, Grade.LOADED)


def test_one_package_is_named_in_the_title_and_its_versions_in_the_rows() -> None:
    said = printed(hit("shop/web:1", LOG4J, "2.14.1"), hit("shop/batch:1", LOG4J, "2.16.0"))
    assert "Images with maven/org.apache.logging.log4j/log4j-core\n" in said
    assert "\n  GRADE   IMAGE                             VERSION\n" in said
    assert "\n  loaded  shop/web:1 sha256:aaaaaaaaaaaa    2.14.1\n" in said
    assert "\n  loaded  shop/batch:1 sha256:aaaaaaaaaaaa  2.16.0\n" in said


def test_several_packages_are_named_in_their_rows() -> None:
    said = printed(
        hit("shop/web:1", LOG4J, "2.14.1"), hit("shop/api:1", "pkg:pypi/urllib3", "1.26")
    )
    assert "Images\n" in said
    assert "WHAT" in said
    assert "pypi/urllib3 1.26" in said


def test_files_are_shown_by_their_paths() -> None:
    file = Hit("sha256:1", "shop/web:1", "sha256:2", "", "/opt/a.jar", Grade.PRESENT)
    said = printed(file)
    assert "Images\n" in said
    assert "/opt/a.jar" in said


def test_a_package_beyond_the_rows_that_are_shown_is_not_left_out_of_the_title() -> None:
    many = [hit(f"shop/web:{number}", LOG4J, "2.14.1") for number in range(40)]
    assert "\nImages\n" in printed(*many, hit("shop/api:1", "pkg:pypi/urllib3", "1.26"))


def test_a_record_without_a_version_is_shown_by_its_path() -> None:
    record = Hit("sha256:1", "shop/web:1", "pkg:pypi/a", "", "/usr/lib/METADATA", Grade.PRESENT)
    said = printed(record)
    assert "VERSION" not in said
    assert "pypi/a  /usr/lib/METADATA" in said


def test_columns_are_shown_if_any_row_has_something_there() -> None:
    first = hit("shop/web:1", LOG4J, "2.14.1")
    heard = first._replace(workload="serve", ports=(8080,), running=2, signer="key SHA256:abc")
    said = printed(first, heard)
    head = next(line for line in said.splitlines() if "GRADE" in line)
    assert " ".join(head.split()) == "GRADE IMAGE VERSION WORKLOAD LISTENS RUNNING SIGNED BY"
