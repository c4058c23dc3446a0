"""What apt prints, recorded on Debian 13, and read."""

from careen.patch.deb.apt.output import (
    Offer,
    Simulation,
    Step,
    read_policy,
    read_releases,
    read_simulation,
)

POLICY = """\
openssl:
  Installed: 3.5.9-1~deb13u1
  Candidate: 3.5.9-1~deb13u1
  Version table:
 *** 3.5.9-1~deb13u1 500
        500 http://mirror.example/debian trixie/main amd64 Packages
        100 /var/lib/dpkg/status
     3.5.7-1~deb13u3 500
        500 http://user:word@mirror.example/debian-security trixie-security/main amd64 Packages
libc6:i386:
  Installed: (none)
  Candidate: (none)
  Version table:
     2.41-12 -1
        500 http://mirror.example/debian trixie/main i386 Packages
tzdata:
  Installed: 2026a
  Candidate: 2026b
  Version table:
     2026b 500 (phased 10%)
        500 http://mirror.example/debian trixie/main amd64 Packages
        500 http://mirror.example/debian trixie-updates/main amd64 Packages
"""

SOURCES = """\
Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 http://mirror.example/debian-security trixie-security/main amd64 Packages
     release v=13,o=Debian,a=stable-security,n=trixie-security,l=Debian-Security,c=main,b=amd64
     origin mirror.example
Pinned packages:
"""

SIMULATED = """\
Reading package lists...
The following packages will be REMOVED:
  baz
Remv baz [1.0]
Inst libkrb5support0 [1.21.3-5+deb13u1] (1.21.3-5+deb13u2 Debian-Security:13/stable-security [amd64]) [libkrb5-3:amd64 ]
Inst libnew:i386 (2 Debian:13.8/stable, Debian-Security:13/stable-security [i386])
Conf libkrb5support0 (1.21.3-5+deb13u2 Debian-Security:13/stable-security [amd64])
"""

UNMET = """\
Some packages could not be installed. This may mean that you have
The following packages have unmet dependencies:
 strict : Depends: lib (= 1.0) but 1.1 is to be installed
          Breaks: other (< 2)
E: Unable to correct problems, you have held broken packages.
"""


def test_the_table_of_versions_has_origins_priorities_and_no_passwords() -> None:
    tables = read_policy(POLICY)
    assert tables["openssl"].candidate == "3.5.9-1~deb13u1"
    assert tables["openssl"].offers == (
        Offer("3.5.9-1~deb13u1", 500, ("http://mirror.example/debian trixie/main",)),
        Offer(
            "3.5.7-1~deb13u3", 500, ("http://mirror.example/debian-security trixie-security/main",)
        ),
    )
    assert tables["libc6:i386"].candidate == ""
    assert tables["libc6:i386"].offers[0].priority == -1
    assert tables["tzdata"].offer("2026b") is not None
    assert len(tables["tzdata"].offers[0].origins) == 2


def test_nothing_is_made_of_other_text() -> None:
    assert read_policy("N: Unable to locate package x\n 500 nonsense\n") == {}


def test_sources_say_origin_and_codename() -> None:
    assert read_releases(SOURCES) == {
        "http://mirror.example/debian-security trixie-security/main": ("Debian", "trixie-security")
    }


def test_a_simulation_says_what_comes_and_what_goes() -> None:
    assert read_simulation(0, SIMULATED) == Simulation(
        (
            Step("libkrb5support0", "1.21.3-5+deb13u1", "1.21.3-5+deb13u2", "amd64"),
            Step("libnew:i386", "", "2", "i386"),
        ),
        ("baz 1.0",),
    )


def test_a_refusal_is_told_by_the_dependencies_that_are_not_met() -> None:
    assert (
        read_simulation(100, UNMET).problem
        == "strict: Depends: lib (= 1.0) but 1.1 is to be installed; strict: Breaks: other (< 2)"
    )
    assert (
        read_simulation(100, "E: Version '9' for 'foo' was not found\n").problem
        == "Version '9' for 'foo' was not found"
    )
    assert read_simulation(100, "").problem == "apt gave no reason"
