"""A tree and a plan in, database contents out."""

import base64
import hashlib
from collections.abc import Collection, Mapping

import pytest

from careen.errors import ImageError
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.databases import database_edits
from tests.support.trees import Link, tree

IMAGE = ImageRef("demo", None, "sha256:" + "1" * 64, (), "linux/amd64")
STATUS = ImagePath("/var/lib/dpkg/status")
INFO = "/var/lib/dpkg/info"
SITE = "/usr/lib/python3/dist-packages"

SED = """Package: sed
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 4.9-1
Description: stream editor
 with a continuation
"""
NANO = """Package: nano
Status: install ok installed
Architecture: amd64
Version: 7.2-1
Conffiles:
 /etc/nanorc c4e9ae8f1f8ffd0ee8b2ee8f4ac8f6a1
 /etc/nano extra d41d8cd98f00b204e9800998ecf8427e obsolete
Description: text editor
"""


def plan_without(
    rootfs: Rootfs, removed: Collection[str], outcomes: Mapping[str, Outcome] | None = None
) -> Plan:
    """A plan that removes exactly these paths."""
    gone = {entry.path for entry in rootfs if entry.path in removed}
    assert gone == set(removed), "a removed path is not in the tree"
    packages = {
        purl: PackagePlan(purl, outcome, 0, 0, 0, 0) for purl, outcome in (outcomes or {}).items()
    }
    keep = {entry.path: Reason("observed", "used") for entry in rootfs if entry.path not in gone}
    remove = {path: Reason("unused", "not used") for path in gone}
    return Plan(IMAGE, Level.CLOSURE, keep, remove, packages, "0" * 64)


def deb(name: str, architecture: str = "amd64") -> Package:
    return Package(
        Ecosystem.DEB, name, "1", f"pkg:deb/debian/{name}@1", STATUS, (), architecture=architecture
    )


def inventory(*packages: Package) -> Inventory:
    return Inventory({package.purl: package for package in packages}, {})


def edited(rootfs: Rootfs, removed: Collection[str], *whole: Package) -> dict[str, str]:
    plan = plan_without(rootfs, removed, {package.purl: Outcome.REMOVED for package in whole})
    return {
        path: data.decode("utf-8", "surrogateescape")
        for path, data in database_edits(rootfs, inventory(*whole), plan).items()
    }


def test_a_package_removed_whole_leaves_the_status_and_no_other_byte_changes() -> None:
    rootfs = tree({STATUS: f"{SED}\n{NANO}\n{SED.replace('sed', 'grep')}", "/bin/nano": "x"})
    assert edited(rootfs, ["/bin/nano"], deb("nano")) == {
        STATUS: f"{SED}\n{SED.replace('sed', 'grep')}"
    }


def test_only_the_architecture_that_left_leaves_the_status() -> None:
    i386 = NANO.replace("amd64", "i386")
    rootfs = tree({STATUS: f"{NANO}\n{i386}\n", "/bin/nano": "x"})
    assert edited(rootfs, ["/bin/nano"], deb("nano", "i386")) == {STATUS: f"{NANO}\n"}


def test_status_old_and_apts_marks_forget_it_too() -> None:
    marks = (
        "Package: nano\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: sed\nArchitecture:"
        " amd64\nAuto-Installed: 1\n\n"
    )
    rootfs = tree(
        {
            "/var/lib/dpkg/status-old": f"{NANO}\n{SED}",
            "/var/lib/apt/extended_states": marks,
            "/bin/nano": "x",
        }
    )
    assert edited(rootfs, ["/bin/nano"], deb("nano")) == {
        "/var/lib/apt/extended_states": "Package: sed\nArchitecture: amd64\nAuto-Installed: 1\n\n",
        "/var/lib/dpkg/status-old": SED,
    }


def test_a_package_removed_in_part_keeps_its_entry_and_its_lists_match_the_disk() -> None:
    rootfs = tree({
        STATUS: NANO,
        "/bin/nano": "program",
        "/usr/share/nano/c.nanorc": "colours",
        "/etc/nanorc": "conf",
        "/etc/nano extra": "",
        f"{INFO}/nano.list": "/.\n/bin\n/bin/nano\n/etc\n/etc/nanorc\n/usr\n/usr/share\n/usr/share/nano\n/usr/share/nano/c.nanorc\n"
        "/usr/share/doc/never-there\n",
        f"{INFO}/nano.md5sums": f"{'a' * 32}  bin/nano\n{'b' * 32}  usr/share/nano/c.nanorc\n{'c' * 32}  usr/share/doc/never-there\n",
        f"{INFO}/nano.conffiles": "/etc/nanorc\n/etc/nano extra\n",
    })  # fmt: skip
    assert edited(rootfs, ["/usr/share/nano", "/usr/share/nano/c.nanorc", "/etc/nanorc"]) == {
        f"{INFO}/nano.conffiles": "/etc/nano extra\n",
        f"{INFO}/nano.list": "/.\n/bin\n/bin/nano\n/etc\n/usr\n/usr/share\n",
        f"{INFO}/nano.md5sums": f"{'a' * 32}  bin/nano\n",
        STATUS: NANO.replace(" /etc/nanorc c4e9ae8f1f8ffd0ee8b2ee8f4ac8f6a1\n", ""),
    }


def test_the_conffiles_field_goes_with_its_last_line() -> None:
    rootfs = tree(
        {
            STATUS: NANO,
            "/etc/nanorc": "conf",
            "/etc/nano extra": "",
            f"{INFO}/nano.list": "/etc/nanorc\n/etc/nano extra\n",
        }
    )
    assert (
        edited(rootfs, ["/etc/nanorc", "/etc/nano extra"])[STATUS]
        == "Package: nano\nStatus: install ok installed\nArchitecture: amd64\nVersion:"
        " 7.2-1\nDescription: text editor\n"
    )


def test_an_untouched_package_keeps_lines_about_files_that_the_image_never_had() -> None:
    listing = "/bin/sed\n/usr/share/doc/sed/never-there\n"
    rootfs = tree(
        {
            "/bin/sed": "x",
            "/bin/nano": "x",
            f"{INFO}/sed.list": listing,
            f"{INFO}/sed.md5sums": f"{'a' * 32}  usr/share/doc/sed/never-there\n",
        }
    )
    assert edited(rootfs, ["/bin/nano"]) == {}


def test_paths_before_the_usr_merge_are_followed_and_keep_their_spelling() -> None:
    rootfs = tree({
        "/lib": Link("usr/lib"),
        "/usr/lib/libkept.so": "x",
        "/usr/lib/libgone.so": "x",
        f"{INFO}/libdemo:amd64.list": "/lib/libkept.so\n/lib/libgone.so\n",
    })  # fmt: skip
    assert edited(rootfs, ["/usr/lib/libgone.so"]) == {
        f"{INFO}/libdemo:amd64.list": "/lib/libkept.so\n"
    }


def test_a_symlink_is_judged_itself_not_its_target() -> None:
    rootfs = tree(
        {
            "/usr/lib/libx.so.1.0": "x",
            "/usr/lib/libx.so.1": Link("libx.so.1.0"),
            f"{INFO}/libx.list": "/usr/lib/libx.so.1.0\n/usr/lib/libx.so.1\n",
        }
    )
    assert edited(rootfs, ["/usr/lib/libx.so.1"]) == {f"{INFO}/libx.list": "/usr/lib/libx.so.1.0\n"}


def test_a_list_that_the_plan_removes_is_not_written_again() -> None:
    rootfs = tree({STATUS: NANO, "/bin/nano": "x", f"{INFO}/nano.list": "/bin/nano\n"})
    assert edited(rootfs, ["/bin/nano", f"{INFO}/nano.list"], deb("nano")) == {STATUS: ""}


def test_names_that_are_not_utf8_survive() -> None:
    rootfs = tree(
        {
            "/usr/share/caf\udce9": "x",
            "/usr/share/gone": "x",
            f"{INFO}/odd.list": b"/usr/share/caf\xe9\n/usr/share/gone\n",
        }
    )
    plan = plan_without(rootfs, ["/usr/share/gone"])
    assert database_edits(rootfs, inventory(), plan) == {
        f"{INFO}/odd.list": b"/usr/share/caf\xe9\n"
    }


def test_a_distroless_list_of_sums_follows_the_disk() -> None:
    record = "/var/lib/dpkg/status.d/libc6"
    rootfs = tree({
        record: NANO,
        f"{record}.md5sums": f"{'a' * 32}  usr/lib/libc.so.6\n{'b' * 32}  usr/lib/gconv/X.so\n",
        "/usr/lib/libc.so.6": "x",
        "/usr/lib/gconv/X.so": "x",
    })  # fmt: skip
    assert edited(rootfs, ["/usr/lib/gconv/X.so"]) == {
        f"{record}.md5sums": f"{'a' * 32}  usr/lib/libc.so.6\n"
    }


DIVERSIONS = "/var/lib/dpkg/diversions"


def test_a_diverted_file_is_judged_by_the_name_it_lies_under() -> None:
    rootfs = tree({
        DIVERSIONS: "/bin/sh\n/bin/sh.distrib\ndash\n",
        "/bin/sh.distrib": "bash's",
        "/bin/sh": "dash's",
        "/bin/bash": "x",
        f"{INFO}/bash.list": "/bin/sh\n/bin/bash\n",
        f"{INFO}/dash.list": "/bin/sh\n",
    })  # fmt: skip
    assert edited(rootfs, ["/bin/bash"]) == {f"{INFO}/bash.list": "/bin/sh\n"}
    # dash loses its /bin/sh, bash's own under the diverted name stays listed, and so does the
    # diversion
    assert edited(rootfs, ["/bin/sh"], deb("dash")) == {f"{INFO}/dash.list": ""}


def test_a_diversion_of_a_removed_package_goes_when_nothing_lies_under_it() -> None:
    other = "/usr/share/a\n/usr/share/a.real\nother\n"
    rootfs = tree({DIVERSIONS: f"/bin/sh\n/bin/sh.distrib\ndash\n{other}", "/bin/dash": "x"})
    assert edited(rootfs, ["/bin/dash"], deb("dash")) == {DIVERSIONS: other}


def test_mode_overrides_of_removed_paths_go() -> None:
    overrides = "/var/lib/dpkg/statoverride"
    rootfs = tree(
        {
            overrides: "root mail 2755 /usr/bin/mail\nroot root 4755 /usr/bin/su do\n",
            "/usr/bin/mail": "x",
            "/usr/bin/su do": "x",
        }
    )
    assert edited(rootfs, ["/usr/bin/su do"]) == {overrides: "root mail 2755 /usr/bin/mail\n"}


def test_an_alternative_loses_removed_choices_and_secondary_files() -> None:
    group = "/var/lib/dpkg/alternatives/editor"
    header = "auto\n/usr/bin/editor\neditor.1.gz\n/usr/share/man/man1/editor.1.gz\n\n"
    rootfs = tree({
        group: f"{header}/bin/nano\n40\n/usr/share/man/man1/nano.1.gz\n/usr/bin/vim\n30\n/usr/share/man/man1/vim.1.gz\n\n",
        "/bin/nano": "x",
        "/usr/bin/vim": "x",
        "/usr/share/man/man1/vim.1.gz": "x",
    })  # fmt: skip
    assert edited(rootfs, ["/bin/nano"]) == {
        group: f"{header}/usr/bin/vim\n30\n/usr/share/man/man1/vim.1.gz\n\n"
    }
    assert edited(rootfs, ["/usr/share/man/man1/vim.1.gz"]) == {
        group: f"{header}/bin/nano\n40\n/usr/share/man/man1/nano.1.gz\n/usr/bin/vim\n30\n\n\n"
    }


@pytest.mark.parametrize(
    "content", ["", "auto\n", "auto\n/usr/bin/editor\n\n/bin/nano\n", "x" * 50]
)
def test_an_alternative_that_is_not_of_the_format_stays(content: str) -> None:
    rootfs = tree({"/var/lib/dpkg/alternatives/editor": content, "/bin/nano": "x"})
    assert edited(rootfs, ["/bin/nano"]) == {}


def test_trigger_interests_of_removed_packages_go() -> None:
    rootfs = tree(
        {
            "/var/lib/dpkg/triggers/File": "/usr/share/man man-db/noawait\n/lib libc-bin:amd64\n",
            "/usr/bin/man": "x",
        }
    )
    assert edited(rootfs, ["/usr/bin/man"], deb("man-db")) == {
        "/var/lib/dpkg/triggers/File": "/lib libc-bin:amd64\n"
    }


RECORD = f"{SITE}/demo-1.0.dist-info/RECORD"


def test_record_drops_what_is_gone_and_keeps_the_quoting_of_the_rest() -> None:
    rootfs = tree({
        RECORD: '"demo/a,b.py",sha256=AAA,1\r\ndemo/gone.py,sha256=BBB,2\r\n../../../bin/demo,sha256=CCC,3\r\n'
        '../../../bin/demo-gone,,\r\ndemo-1.0.dist-info/RECORD,,\r\n"demo/two\nlines.py",,\r\n',
        f"{SITE}/demo/a,b.py": "x",
        f"{SITE}/demo/gone.py": "x",
        f"{SITE}/demo/two\nlines.py": "x",
        "/usr/bin/demo": "x",
        "/usr/bin/demo-gone": "x",
    })  # fmt: skip
    assert edited(rootfs, [f"{SITE}/demo/gone.py", "/usr/bin/demo-gone"]) == {
        RECORD: (
            '"demo/a,b.py",sha256=AAA,1\r\n../../../bin/demo,sha256=CCC,3\r\ndemo-1.0.dist-info/RECORD,,\r\n"demo/two\nlines.py",,\r\n'
        )
    }


def test_metadata_and_entry_points_of_a_partial_distribution_stay() -> None:
    info = f"{SITE}/demo-1.0.dist-info"
    rootfs = tree({
        RECORD: "demo/gone.py,,\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/entry_points.txt,,\n",
        f"{info}/METADATA": "Name: demo\n",
        f"{info}/entry_points.txt": "[console_scripts]\ndemo = demo.gone:main\n",
        f"{SITE}/demo/gone.py": "x",
    })  # fmt: skip
    assert edited(rootfs, [f"{SITE}/demo/gone.py"]) == {
        RECORD: "demo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/entry_points.txt,,\n"
    }


def test_the_sums_of_rewritten_lists_are_renewed_in_the_lists_that_name_them() -> None:
    inner = f"{SITE}/demo/_vendor/inner-2.dist-info/RECORD"
    rootfs = tree({
        RECORD: "demo/__init__.py,sha256=AAA,1\ndemo/_vendor/inner-2.dist-info/RECORD,sha256=OLD,99\n",
        inner: "inner/gone.py,,\ninner/kept.py,,\n",
        f"{SITE}/demo/__init__.py": "x",
        f"{SITE}/demo/_vendor/inner/gone.py": "x",
        f"{SITE}/demo/_vendor/inner/kept.py": "x",
        f"{INFO}/python3-demo.md5sums": f"{'0' * 32}  {inner[1:]}\n",
        f"{INFO}/python3-demo.list": f"{inner}\n",
    })  # fmt: skip
    content = b"inner/kept.py,,\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    assert edited(rootfs, [f"{SITE}/demo/_vendor/inner/gone.py"]) == {
        inner: content.decode(),
        RECORD: (
            f"demo/__init__.py,sha256=AAA,1\ndemo/_vendor/inner-2.dist-info/RECORD,sha256={digest},{len(content)}\n"
        ),
        f"{INFO}/python3-demo.md5sums": (
            f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}  {inner[1:]}\n"
        ),
    }


@pytest.mark.parametrize("row", ['"{}","sha256=OLD","99"', '{},"sha256=""OLD",99', '{},",",99'])
def test_a_renewed_row_is_csv_whatever_the_quoting_of_the_old_one(row: str) -> None:
    name, content = "demo/_vendor/inner-2.dist-info/RECORD", b"inner/kept.py,,\n"
    rootfs = tree({
        RECORD: f"{row.format(name)}\r\ndemo/__init__.py,sha256=AAA,1\n",
        f"{SITE}/{name}": "inner/gone.py,,\ninner/kept.py,,\n",
        f"{SITE}/demo/__init__.py": "x",
        f"{SITE}/demo/_vendor/inner/gone.py": "x",
        f"{SITE}/demo/_vendor/inner/kept.py": "x",
    })  # fmt: skip
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    assert edited(rootfs, [f"{SITE}/demo/_vendor/inner/gone.py"])[RECORD] == (
        f"{name},sha256={digest},{len(content)}\r\ndemo/__init__.py,sha256=AAA,1\n"
    )


def test_egg_lists_and_easy_install_follow_the_disk() -> None:
    egg = f"{SITE}/old.egg-info"
    rootfs = tree({
        f"{egg}/installed-files.txt": "../old/__init__.py\n../old/gone.py\nPKG-INFO\n",
        f"{egg}/PKG-INFO": "Name: old\n",
        f"{egg}/SOURCES.txt": "setup.py\nold/__init__.py\nold/gone.py\n",
        f"{SITE}/old/__init__.py": "x",
        f"{SITE}/old/gone.py": "x",
        f"{SITE}/easy-install.pth": "./kept.egg\n./gone.egg\nimport sys\n",
        f"{SITE}/kept.egg": "x",
        f"{SITE}/gone.egg": "x",
    })  # fmt: skip
    assert edited(rootfs, [f"{SITE}/old/gone.py", f"{SITE}/gone.egg"]) == {
        f"{egg}/installed-files.txt": "../old/__init__.py\nPKG-INFO\n",
        f"{egg}/SOURCES.txt": "setup.py\nold/__init__.py\n",
        f"{SITE}/easy-install.pth": "./kept.egg\nimport sys\n",
    }


def test_no_removal_changes_nothing() -> None:
    rootfs = tree(
        {STATUS: f"\n\n{NANO}\n\n\n{SED}", RECORD: "a,,\n\nb", f"{INFO}/nano.list": "/missing\n\n"}
    )
    assert edited(rootfs, []) == {}


@pytest.mark.parametrize(
    "status",
    [
        "no colon\n",
        " continuation first\n",
        "Package: nano\n\0\xff",
        "Package: nano\nPackage: sed\n",
    ],
    ids=["field", "continuation", "binary", "twice"],
)
def test_a_damaged_status_file_is_left_alone(status: str) -> None:
    rootfs = tree({STATUS: status, "/bin/other": "x"})
    assert edited(rootfs, ["/bin/other"]) == {}


@pytest.mark.parametrize(
    "path", ["../../../../../../etc/passwd", "/etc/passwd", "a/" * 2500, "\0", "loop/x"]
)
def test_hostile_record_rows_name_nothing_outside_and_end(path: str) -> None:
    rootfs = tree(
        {
            RECORD: f"{path},,\ndemo/gone.py,,\n",
            f"{SITE}/demo/gone.py": "x",
            f"{SITE}/loop": Link("loop"),
        }
    )
    assert edited(rootfs, [f"{SITE}/demo/gone.py"]) == {RECORD: ""}


def test_a_chain_of_links_costs_no_more_than_its_length() -> None:
    # x → . in itself: every prefix of x/x/x/… is a directory; thousands of such lines must not take
    # long
    listing = "".join(f"/d{'/x' * (i % 1000)}/gone{i}\n" for i in range(20_000))
    rootfs = tree({"/d/x": Link("."), "/d/real": "x", f"{INFO}/evil.list": listing + "/d/real\n"})
    assert edited(rootfs, ["/d/real"]) == {f"{INFO}/evil.list": ""}


def test_a_list_beyond_its_limit_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careen.rewrite.dpkg_info.MAX_INFO", 10)
    rootfs = tree({f"{INFO}/big.list": "/bin/aaaaaaaaaaaa\n"})
    with pytest.raises(ImageError, match=r"/var/lib/dpkg/info/big\.list: larger than the 10 bytes"):
        edited(rootfs, [])


@pytest.mark.parametrize(
    "files",
    [
        {
            "/var/lib/dpkg": Link("../../usr/lib/sysimage/dpkg"),
            "/usr/lib/sysimage/dpkg/status": SED,
            "/usr/bin/nano": "x",
        },
        {STATUS: Link("status-real"), "/var/lib/dpkg/status-real": SED, "/usr/bin/nano": "x"},
        {"/var": Link("/mnt/var"), "/mnt/var/lib/dpkg/status.d/nano": NANO, "/usr/bin/nano": "x"},
    ],
)
def test_a_database_behind_links_is_refused_and_not_left_untrue(
    files: Mapping[str, str | Link],
) -> None:
    rootfs = tree(files)
    with pytest.raises(ImageError, match="lies behind the symbolic link"):
        database_edits(rootfs, inventory(deb("nano")), plan_without(rootfs, {"/usr/bin/nano"}))


APK = ImagePath("/lib/apk/db/installed")
MUSL = "C:Q1musl=\nP:musl\nV:1\nF:lib\nR:ld-musl.so\na:0:0:755\nZ:Q1a=\n\n"
TOOL = "C:Q1tool=\nP:tool\nV:1\nD:musl\nF:usr\nF:usr/bin\nM:0:0:755\nR:tool\na:0:0:755\nZ:Q1b=\nR:other\nZ:Q1c=\nF:usr/share\nF:usr/share/tool\nR:data\nZ:Q1d=\n\n"
KEYS = "C:Q1keys=\nP:keys\nV:1\nF:etc\nR:key\n\n"


def apk(name: str) -> Package:
    return Package(Ecosystem.APK, name, "1", f"pkg:apk/alpine/{name}@1", APK, ())


def apk_root() -> Rootfs:
    files = (
        "/lib/ld-musl.so",
        "/usr/bin/tool",
        "/usr/bin/other",
        "/usr/share/tool/data",
        "/etc/key",
    )
    lists = {
        "/etc/apk/world": "musl\ntool>0.9\nkeys@edge\ntoolbox\n",
        "/lib/apk/db/triggers": "Q1tool= /usr/share\nQ1musl= /lib\n",
    }
    return tree({APK: f"{MUSL}{TOOL}{KEYS}", **lists, **dict.fromkeys(files, "x")})


def apk_edited(removed: Collection[str], *whole: str) -> dict[str, str]:
    rootfs = apk_root()
    plan = plan_without(rootfs, removed, {apk(name).purl: Outcome.REMOVED for name in whole})
    return {
        path: data.decode()
        for path, data in database_edits(
            rootfs, inventory(*map(apk, ("musl", "tool", "keys"))), plan
        ).items()
    }


def test_an_apk_package_removed_whole_leaves_records_wishes_and_triggers() -> None:
    gone = [
        "/usr/bin/tool",
        "/usr/bin/other",
        "/usr/bin",
        "/usr/share/tool/data",
        "/usr/share/tool",
        "/usr/share",
        "/usr",
    ]
    assert apk_edited(gone, "tool") == {
        APK: f"{MUSL}{KEYS}",
        "/etc/apk/world": "musl\nkeys@edge\ntoolbox\n",
        "/lib/apk/db/triggers": "Q1musl= /lib\n",
    }
    assert apk_edited(["/etc/key"], "keys")["/etc/apk/world"] == "musl\ntool>0.9\ntoolbox\n"


def test_an_apk_package_that_loses_files_lists_what_is_there_and_others_keep_their_bytes() -> None:
    less = "C:Q1tool=\nP:tool\nV:1\nD:musl\nF:usr\nF:usr/bin\nM:0:0:755\nR:tool\na:0:0:755\nZ:Q1b=\nF:usr/share\n\n"
    assert apk_edited(["/usr/bin/other", "/usr/share/tool/data", "/usr/share/tool"]) == {
        APK: f"{MUSL}{less}{KEYS}"
    }
    assert apk_edited([]) == {}
