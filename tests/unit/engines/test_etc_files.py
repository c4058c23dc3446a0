"""The files of /etc that the embedded engine writes for a container."""

import itertools
from pathlib import Path

import pytest

from careen.engines.embedded import etc_files
from careen.engines.embedded.etc_files import etc_mounts
from careen.errors import InputError

_NUMBERS = itertools.count()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a hosts and a resolv.conf that count as this machine's."""
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "hosts").write_text("127.0.0.1 localhost\n10.0.0.1 db")
    (folder / "resolv.conf").write_text(
        "# made by hand\n"
        "nameserver 127.0.0.53\n"
        "nameserver ::1\n"
        "nameserver fe80::1%eth0\n"
        "nameserver 192.0.2.7\n"
        "nameserver not-an-address\n"
        "search example.org\n"
        "options edns0\n"
    )
    monkeypatch.setattr(etc_files, "_OWN_HOSTS", folder / "hosts")
    monkeypatch.setattr(etc_files, "_RESOLV_CONF", folder / "resolv.conf")
    return folder


def written(tmp_path: Path, *, dns: tuple[str, ...] = (), shared: bool = False) -> dict[str, str]:
    """Return the text of each file by its path in the container."""
    directory = tmp_path / f"etc-{next(_NUMBERS)}"
    directory.mkdir()
    mounts = etc_mounts(directory, "abc123", read_only=False, dns=dns, shared=shared)
    return {mount["destination"]: Path(mount["source"]).read_text() for mount in mounts}


@pytest.mark.usefixtures("host")
def test_a_container_with_its_own_network_gets_name_servers_that_it_can_reach(
    tmp_path: Path,
) -> None:
    files = written(tmp_path)
    assert files["/etc/resolv.conf"].splitlines() == [
        "# made by hand",
        "nameserver fe80::1%eth0",
        "nameserver 192.0.2.7",
        "search example.org",
        "options edns0",
    ]
    assert "db" not in files["/etc/hosts"]
    assert files["/etc/hosts"].splitlines()[-1] == "127.0.0.1\tabc123"
    assert files["/etc/hostname"] == "abc123\n"


def test_a_container_with_this_machine_s_network_gets_this_machine_s_files(
    host: Path, tmp_path: Path
) -> None:
    files = written(tmp_path, shared=True)
    assert files["/etc/resolv.conf"] == (host / "resolv.conf").read_text()
    assert files["/etc/hosts"] == "127.0.0.1 localhost\n10.0.0.1 db\n127.0.0.1\tabc123\n"


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("shared", [False, True])
def test_named_servers_replace_all_others(tmp_path: Path, shared: bool) -> None:
    files = written(tmp_path, dns=("192.0.2.1", "2001:DB8::1"), shared=shared)
    assert files["/etc/resolv.conf"].splitlines() == [
        "nameserver 192.0.2.1",
        "nameserver 2001:db8::1",
        "# made by hand",
        "search example.org",
        "options edns0",
    ]


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("dns", ["", "dns.example", "1.2.3", "1.2.3.4\nsearch evil", "::1%"])
def test_a_server_that_is_no_address_is_refused(tmp_path: Path, dns: str) -> None:
    with pytest.raises(InputError) as caught:
        written(tmp_path, dns=(dns,))
    assert str(caught.value) == f"--dns {dns!r}: not an IP address"


def test_a_machine_without_these_files_is_no_error(host: Path, tmp_path: Path) -> None:
    for path in host.iterdir():
        path.unlink()
    files = written(tmp_path, shared=True)
    assert files["/etc/resolv.conf"] == ""
    assert files["/etc/hosts"].startswith("127.0.0.1\tlocalhost\n")


def test_a_huge_or_binary_file_is_cut(host: Path, tmp_path: Path) -> None:
    (host / "hosts").write_bytes(b"\xff" * 1_000_000)
    assert len(written(tmp_path, shared=True)["/etc/hosts"]) < 70_000


@pytest.mark.usefixtures("host")
def test_a_read_only_container_cannot_write_them(tmp_path: Path) -> None:
    for read_only in (True, False):
        mounts = etc_mounts(tmp_path, "h", read_only=read_only)
        assert [("ro" in mount["options"]) for mount in mounts] == [read_only] * 3
        assert {Path(mount["source"]).stat().st_mode & 0o777 for mount in mounts} == {0o644}
