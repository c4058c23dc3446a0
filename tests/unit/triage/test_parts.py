"""Which findings of an embedded part are about code that it does not have."""

from dataclasses import replace

import pytest

from careen.model.findings.advisory import ImportedCode
from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ImagePath
from careen.triage.parts import BY_PARTS, set_aside_parts
from tests.support.triage import SITE, finding, inventory, package, triaged

VENDOR = f"{SITE}/pip/_vendor"
INDEX = (ImportedCode("setuptools.package_index", source="its fix"),)
PART = package(
    "setuptools",
    f"{VENDOR}/pkg_resources/__init__.py",
    ecosystem=Ecosystem.PYPI,
    presence=Presence.EMBEDDED,
    modules=("pkg_resources",),
    record=ImagePath(f"{VENDOR}/vendor.txt"),
)
WHOLE = package(
    "setuptools",
    f"{SITE}/setuptools/__init__.py",
    f"{SITE}/setuptools/package_index.py",
    ecosystem=Ecosystem.PYPI,
    modules=("setuptools", "pkg_resources", "_distutils_hack"),
)


def aside(what: Finding, there: Inventory) -> list[str]:
    applied = set_aside_parts([replace(triaged(PART), finding=what)], there)
    assert len(applied.findings) + len(applied.suppressed) == 1
    assert all(each.by == BY_PARTS for each in applied.suppressed)
    return [each.reason for each in applied.suppressed]


def test_code_of_a_module_that_the_part_lacks_is_set_aside_with_its_evidence() -> None:
    assert aside(finding(PART, code=INDEX), inventory(PART)) == [
        (
            f"not affected: vulnerable code not present: of setuptools 1.0, {VENDOR}/vendor.txt has"
            " pkg_resources alone, and the vulnerable code is setuptools.package_index (its fix)"
        )
    ]


def test_a_part_inside_a_wheel_counts_by_its_modules() -> None:
    wheel = ImagePath("/w/pip-26.0-py3-none-any.whl")
    inside = replace(PART, files=(wheel,), record=wheel)
    assert aside(finding(inside, code=INDEX), inventory(inside))


@pytest.mark.parametrize(
    "code",
    [
        (),  # nobody says which code it is
        (ImportedCode("pkg_resources"),),
        (*INDEX, ImportedCode("pkg_resources.extern")),  # one of two is there
        (ImportedCode("package_index"),),  # no module of this distribution
    ],
)
def test_other_code_stays_a_finding(code: tuple[ImportedCode, ...]) -> None:
    assert not aside(finding(PART, code=code), inventory(PART))


def test_a_part_with_the_code_stays_a_finding() -> None:
    file = f"{VENDOR}/pkg_resources/_vendor/setuptools/package_index.py"
    for there in (
        replace(PART, modules=("setuptools", "pkg_resources")),
        replace(PART, files=(*PART.files, ImagePath(file))),
        replace(PART, modules=()),
        replace(PART, presence=Presence.INSTALLED),
    ):
        assert not aside(finding(there, code=INDEX), inventory(there))


def test_a_whole_copy_of_the_same_version_keeps_both() -> None:
    # A scanner knows both by one name, and a statement on one would hide the other.
    part: Package = replace(PART, purl=f"{PART.purl}?location={VENDOR}/vendor.txt")
    both = inventory(WHOLE, part)
    assert not aside(finding(part, code=INDEX), both)
    assert not aside(finding(WHOLE, code=INDEX), both)
    newer = replace(WHOLE, version="2.0", purl="pkg:pypi/setuptools@2.0")
    assert aside(finding(part, code=INDEX), inventory(newer, part))


def test_a_distribution_of_one_module_is_never_a_part() -> None:
    other = replace(PART, name="requests", purl="pkg:pypi/requests@1.0", modules=("other",))
    code = (ImportedCode("requests.sessions"),)
    assert not aside(finding(other, code=code), inventory(other))
