"""What went wrong, in one line; apt's words as recorded on Debian 13."""

import pytest

from careen.patch.deb.apt.errors import install_failure, mirror_failure

URIS = ("http://mirror.example/debian",)
NO_SUITE = (
    "Err:1 http://mirror.example/debian nosuch Release\n  404  Not Found [IP: 203.0.113.1 80]\n"
)
NO_KEY = (
    "W: OpenPGP signature verification failed: http://mirror.example/debian trixie InRelease:"
    " Missing key ABCD, which is needed\n"
)
BIG = "dpkg: error processing archive /x/big_1_all.deb (--unpack):\n"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (f"{NO_SUITE}E: The repository 'http://mirror.example/debian nosuch Release' does not have a Release file.\n", ("404", "URI and suite")),
        (f"{NO_KEY}E: The repository 'x' is not signed.\n", ("Missing key ABCD", "--source-key")),
        ("E: Release file for http://mirror.example/debian/dists/test/InRelease is expired (invalid since 3d 0h).\n", ("is expired", "check-valid-until=no")),
        ("E: Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)\n", ("login page",)),
        ("E: Failed to fetch http://user:pw@mirror.example/x  Hash Sum mismatch\n", ("Hash Sum mismatch", "another mirror")),
        ("W: Failed to fetch http://mirror.example/x  Could not resolve 'mirror.example'\n", ("Could not resolve", "cannot be resolved")),
        ("E: Failed to fetch http://mirror.example/x  500  Internal Server Error\n", ("500", "reports an error")),
        ("Err:1 http://mirror.example/debian test InRelease\n  Write error - write (28: No space left on device)\n", ("is full", "--work-dir")),
        ("", ("no reason", "--source")),
    ],
)  # fmt: skip
def test_a_mirrors_failure_names_it_and_says_what_to_do(
    output: str, words: tuple[str, ...]
) -> None:
    line = mirror_failure(output, URIS)
    assert "mirror.example" in line
    assert "\n" not in line
    assert "pw" not in line
    assert all(word in line for word in words), line


FAILED = """\
Setting up bad (1.1) ...
starting the migration
cannot reach the thing
dpkg: error processing package bad (--configure):
 installed bad package post-installation script subprocess returned error exit status 3
Errors were encountered while processing:
 bad
E: Sub-process /usr/bin/dpkg returned an error code (1)
"""


def test_a_failing_script_is_told_with_its_last_words() -> None:
    line = install_failure(FAILED)
    assert line.startswith(
        "bad: installed bad package post-installation script subprocess returned error exit status"
        " 3 after it said: starting the migration | cannot"
    )
    assert line.endswith("--exclude bad")


def test_a_full_disk_is_a_full_disk() -> None:
    output = (
        f"{BIG} cannot copy extracted data for './usr/big': failed to write (No space left on"
        " device)\n"
    )
    assert install_failure(output).startswith("big: no space left")
    assert install_failure("E: Could not get lock\n") == "Could not get lock"
    assert install_failure("") == "apt printed nothing"
