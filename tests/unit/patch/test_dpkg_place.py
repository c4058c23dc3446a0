"""Input image, new package → files placed and removed."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from careen.formats.dpkg_status import split_status
from careen.model.entry import EntryKind
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.patch.deb.dpkg.archive import DebFile, DebMember
from careen.patch.deb.dpkg.installed import deb_package
from careen.patch.deb.dpkg.place import Installed, Placement, place
from careen.patch.deb.dpkg.places import Places
from careen.patch.deb.dpkg.records import conffiles, listed, paragraph_of, records
from tests.support.trees import Exec, Link, SetId, tree


def deb(
    files: Mapping[str, bytes | Link],
    config: str = "",
    modes: Mapping[str, int] | None = None,
    control: Mapping[str, bytes] | None = None,
) -> DebFile:
    members = []
    for path, value in files.items():
        kind = EntryKind.SYMLINK if isinstance(value, Link) else EntryKind.FILE
        content = b"" if isinstance(value, Link) else value
        members.append(
            DebMember(
                path,
                kind,
                (modes or {}).get(path, 0o644),
                0,
                0,
                1.0,
                str(value) if isinstance(value, Link) else "",
                content,
            )
        )
    text = (
        b"Package: x\nVersion: 2\nArchitecture: amd64\nDepends: y\nDescription: d\n"
        b" more\nHomepage: h\n"
    )
    return DebFile(
        {"control": text, "conffiles": config.encode(), **(control or {})},
        split_status(text, "t")[0],
        tuple(members),
    )


def run(
    root: Rootfs,
    new: DebFile,
    before: DebFile | None = None,
    known: Mapping[str, str] | None = None,
    package: str = "x",
) -> Placement:
    paths = tuple(entry.path for entry in root if not entry.is_dir)
    return place(new, before, Installed(package, paths, known or {}), Places(root))


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_changed_files_are_replaced_and_equal_ones_left() -> None:
    root = tree({"/usr/bin/x": Exec(b"1"), "/usr/share/x": "same"})
    done = run(
        root, deb({"/usr/bin/x": b"2", "/usr/share/x": b"same"}, modes={"/usr/bin/x": 0o755})
    )
    assert {path: each.content for path, each in done.placed.items()} == {"/usr/bin/x": b"2"}
    assert done.placed[ImagePath("/usr/bin/x")].entry.mode == 0o755
    assert done.present == ["/usr/bin/x", "/usr/share/x"]


def test_merged_usr_is_the_images_own_path() -> None:
    root = tree({"/usr/lib/libx.so.1": b"1", "/lib": Link("usr/lib")})
    assert set(run(root, deb({"/lib/libx.so.1": b"2"})).placed) == {"/usr/lib/libx.so.1"}


def test_what_a_hardened_image_lacks_stays_away_but_for_where_a_kept_link_leads() -> None:
    root = tree({"/usr/lib/libx.so.1": Link("libx.so.1.0"), "/usr/lib/libx.so.1.0": b"old"})
    new = deb(
        {
            "/usr/lib/libx.so.1": Link("libx.so.1.1"),
            "/usr/lib/libx.so.1.1": b"new",
            "/usr/bin/x": b"tool",
            "/usr/share/doc/x": b"doc",
        }
    )
    done = run(root, new)
    assert set(done.placed) == {"/usr/lib/libx.so.1", "/usr/lib/libx.so.1.1"}
    assert set(done.removed) == {"/usr/lib/libx.so.1.0"}
    assert done.left_out == ["/usr/bin/x", "/usr/share/doc/x"]
    assert done.present == ["/usr/lib/libx.so.1", "/usr/lib/libx.so.1.1"]


def test_the_old_package_tells_new_files_from_those_that_were_taken_away() -> None:
    root = tree({"/usr/lib/x/a.py": "1"})
    before = deb({"/usr/lib/x/a.py": b"1", "/usr/lib/x/gone.py": b"g"})
    done = run(
        root,
        deb({"/usr/lib/x/a.py": b"2", "/usr/lib/x/gone.py": b"g", "/usr/lib/x/sub/fresh.py": b"f"}),
        before,
    )
    assert set(done.placed) == {"/usr/lib/x/a.py", "/usr/lib/x/sub", "/usr/lib/x/sub/fresh.py"}
    assert done.left_out == ["/usr/lib/x/gone.py"]


def test_byte_code_of_replaced_modules_goes() -> None:
    root = tree(
        {
            "/usr/lib/x/a.py": "1",
            "/usr/lib/x/__pycache__/a.cpython-313.pyc": "c",
            "/usr/lib/x/__pycache__/ab.cpython-313.pyc": "c",
        }
    )
    new = deb({"/usr/lib/x/a.py": b"2"})
    done = place(new, None, Installed("x", ("/usr/lib/x/a.py",), {}), Places(root))
    assert set(done.removed) == {"/usr/lib/x/__pycache__/a.cpython-313.pyc"}


def test_changed_configuration_stays_and_untouched_is_renewed() -> None:
    root = tree({"/etc/mine": "edited", "/etc/plain": "1", "/usr/x": "1"})
    config = "/etc/mine\n/etc/plain\n/etc/deleted\n"
    new = deb({"/etc/mine": b"2", "/etc/plain": b"2", "/etc/deleted": b"2", "/usr/x": b"1"}, config)
    done = run(
        root,
        new,
        known={"/etc/mine": md5(b"1"), "/etc/plain": md5(b"1"), "/etc/deleted": md5(b"1")},
    )
    assert set(done.placed) == {"/etc/plain"}
    assert done.kept_conffiles == ["/etc/mine"]
    assert done.removed == {}


def test_rights_that_the_image_took_away_do_not_come_back() -> None:
    """A setuid bit that was removed stays removed; capabilities, which no package file holds,
    stay.
    """
    root = tree(
        {"/usr/bin/su": Exec(b"1"), "/usr/bin/ping": Exec(b"1"), "/usr/bin/still": SetId(b"1")}
    )
    entries = {entry.path: entry for entry in root}
    entries[ImagePath("/usr/bin/ping")] = replace(
        entries[ImagePath("/usr/bin/ping")], xattrs={"security.capability": b"c"}
    )
    root = Rootfs(entries, root._content)
    files = {"/usr/bin/su": b"2", "/usr/bin/ping": b"2", "/usr/bin/still": b"2"}
    before = deb(
        dict.fromkeys(files, b"1"),
        modes={"/usr/bin/su": 0o4755, "/usr/bin/ping": 0o755, "/usr/bin/still": 0o4755},
    )
    new = deb(files, modes={"/usr/bin/su": 0o4755, "/usr/bin/ping": 0o755, "/usr/bin/still": 0o755})
    for known in (before, None):
        done = run(root, new, known).placed
        assert done[ImagePath("/usr/bin/su")].entry.mode == 0o755
        assert done[ImagePath("/usr/bin/still")].entry.mode == 0o755
        assert done[ImagePath("/usr/bin/ping")].entry.xattrs == {"security.capability": b"c"}


def test_a_diverted_path_is_placed_where_it_was_diverted_to() -> None:
    root = tree(
        {
            "/bin/sh": "theirs",
            "/bin/sh.distrib": "1",
            "/var/lib/dpkg/diversions": "/bin/sh\n/bin/sh.distrib\ndash\n",
        }
    )
    assert {
        path: each.content for path, each in run(root, deb({"/bin/sh": b"2"})).placed.items()
    } == {"/bin/sh.distrib": b"2"}


def test_nothing_is_placed_below_a_file_or_over_a_directory() -> None:
    root = tree({"/usr/x": "file", "/usr/y/z": "1"})
    done = run(root, deb({"/usr/x/inner": b"2", "/usr/y": b"2"}), deb({"/other": b""}))
    assert "/usr/x/inner" not in done.placed
    assert "/usr/y" not in done.placed


STATUS = (
    "Package: x\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nConffiles:\n /etc/x"
    " 0123456789abcdef0123456789abcdef\n"
)


def test_records_tell_what_is_there() -> None:
    root = tree(
        {
            "/var/lib/dpkg/status": STATUS,
            "/var/lib/dpkg/info/x.list": "/.\n/usr\n/usr/x\n/etc/x\n",
            "/var/lib/dpkg/info/x.md5sums": "",
            "/var/lib/dpkg/info/x.prerm": "old",
            "/var/lib/dpkg/info/xy.list": "",
        }
    )
    old = deb_package(split_status(STATUS.encode(), "s")[0], "/var/lib/dpkg/status")
    assert old is not None
    assert listed(old, root) == ("/usr", "/usr/x", "/etc/x")
    assert conffiles(old) == {"/etc/x": "0123456789abcdef0123456789abcdef"}
    new = deb(
        {"/usr/x": b"2", "/usr/away": b"3", "/etc/x": b"c"},
        "/etc/x\n",
        control={
            "md5sums": b"a" * 32 + b"  usr/x\n" + b"b" * 32 + b"  usr/away\n",
            "postinst": b"p",
        },
    )
    placed, removed = records(old, new, ["/usr/x", "/etc/x"], Places(root))
    contents = {str(each.entry.path): each.content for each in placed}
    assert contents["/var/lib/dpkg/info/x.list"] == b"/usr/x\n/etc/x\n"
    assert contents["/var/lib/dpkg/info/x.md5sums"] == b"a" * 32 + b"  usr/x\n"
    assert contents["/var/lib/dpkg/info/x.postinst"] == b"p"
    assert removed == ["/var/lib/dpkg/info/x.prerm"]
    text = paragraph_of(new, ["/usr/x", "/etc/x"], "hold").decode()
    assert (
        text
        == "Package: x\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 2\nDepends: y\n"
        f"Conffiles:\n /etc/x {md5(b'c')}\nDescription: d\n more\nHomepage: h\n\n"
    )
