"""Keep rules for what every system has."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import Case, Files, elf, package, plan_for

RULES = load_rules()
LIB = "/usr/lib/x86_64-linux-gnu"
SELINUX = ("libselinux.so.1", "libsepol.so.2")


@pytest.mark.parametrize(
    "entry",
    [
        "/usr/share/terminfo/x/xterm-256color",  # Debian from 13 on
        "/usr/share/terminfo/78/xterm",  # where names of directories are hexadecimal
        "/usr/lib/terminfo/l/linux",
        "/lib/terminfo/v/vt100",
    ],
)
def test_common_terminals_stay_beside_the_library_that_looks_them_up(entry: str) -> None:
    library, rare = "/usr/lib/x86_64-linux-gnu/libtinfo.so.6", "/usr/share/terminfo/2/2621"
    files: Files = {library: elf(), entry: "", rare: "", "/usr/bin/other": elf()}
    plan = plan_for(Case(files, {library: Use.MAPPED}, (), rules=RULES))
    assert plan.keep[ImagePath(entry)].code == "rule:terminfo"
    assert ImagePath(rare) in plan.remove
    without = plan_for(Case(files, {"/usr/bin/other": Use.EXECUTED}, (), rules=RULES))
    assert ImagePath(entry) in without.remove


@pytest.mark.parametrize(
    ("program", "code"), [("/srv/app/serve", ""), ("/usr/sbin/load_policy", "dlopen-hint")]
)
def test_the_library_of_access_policies_stays_only_for_who_loads_one(
    program: str, code: str
) -> None:
    linked, opened = (f"{LIB}/{item}" for item in SELINUX)
    files: Files = {
        program: elf(("libselinux.so.1",)),
        linked: elf(text=b"\0libsepol.so.2\0"),
        opened: elf(),
    }
    plan = plan_for(Case(files, {program: Use.EXECUTED}, (), rules=RULES))
    kept = plan.keep.get(ImagePath(opened))
    assert ImagePath(linked) in plan.keep
    assert (kept.code if kept is not None else "") == code


def test_a_program_linked_with_the_library_of_access_policies_keeps_it() -> None:
    opened = f"{LIB}/{SELINUX[1]}"
    files: Files = {"/srv/app/serve": elf(("libsepol.so.2",)), opened: elf()}
    plan = plan_for(Case(files, {"/srv/app/serve": Use.EXECUTED}, (), rules=RULES))
    assert plan.keep[ImagePath(opened)].code == "elf-needed"


CIPHERS = f"{LIB}/libgcrypt.so.20"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"/usr/bin/serve": elf()}, ""),
        ({"/usr/bin/serve": elf(("libgcrypt.so.20",))}, "elf-needed"),
        ({"/usr/bin/serve": elf(text=b"\0libgcrypt.so.20\0")}, "rule:ciphers-opened-by-others"),
        (
            {"/usr/bin/serve": elf(("libsystemd-shared-257.so",))}
            | {f"{LIB}/libsystemd-shared-257.so": elf(text=b"\0libgcrypt.so.20\0")},
            "rule:ciphers-opened-by-others",
        ),
    ],
)
def test_the_library_of_ciphers_does_not_stay_for_libsystemd_alone(files: Files, code: str) -> None:
    ps: Files = {
        "/usr/bin/ps": elf(("libsystemd.so.0",)),
        f"{LIB}/libsystemd.so.0": elf(text=b"\0libgcrypt.so.20\0"),
        CIPHERS: elf(),
    }
    used = {"/usr/bin/ps": Use.EXECUTED, "/usr/bin/serve": Use.EXECUTED}
    plan = plan_for(Case({**ps, **files}, used, (), rules=RULES))
    kept = plan.keep.get(ImagePath(CIPHERS))
    assert ImagePath(f"{LIB}/libsystemd.so.0") in plan.keep
    assert (kept.code if kept is not None else "") == code


@pytest.mark.parametrize(
    ("trigger", "entry", "rule"),
    [
        ("/usr/bin/pkg-config", f"{LIB}/pkgconfig/opencv4.pc", "package-descriptions"),
        (f"{LIB}/libxml2.so.2", "/usr/share/xml/docbook/schema/dtd/x.dtd", "markup-catalogues"),
        ("/usr/bin/xsltproc", "/usr/share/xml/docbook/stylesheet/x.xsl", "markup-stylesheets"),
        ("/srv/wheel.libs/libOpenCL-ab.so.1", "/etc/OpenCL/vendors/x.icd", "opencl-drivers"),
    ],
)
def test_what_a_program_or_a_library_looks_up_stays_beside_it(
    trigger: str, entry: str, rule: str
) -> None:
    catalogue = "/etc/xml/catalog"
    files: Files = {trigger: elf(), entry: "", catalogue: "", "/usr/bin/other": elf()}
    owner = package(Ecosystem.DEB, "owner", (entry,))
    plan = plan_for(Case(files, {trigger: Use.EXECUTED}, (), packages=(owner,), rules=RULES))
    assert plan.keep[ImagePath(entry)].code == f"rule:{rule}"
    other = {"/usr/bin/other": Use.EXECUTED}
    without = plan_for(Case(files, other, (), packages=(owner,), rules=RULES))
    assert ImagePath(entry) in without.remove
