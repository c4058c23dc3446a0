"""A configuration is read as OpenSSL 3.5 was seen to read it; what it would drop is unknown."""

import pytest

from careen.cryptography.openssl_config import MAX_FILES, OpensslConfig, read_config
from careen.cryptography.openssl_text import lines_of
from tests.support.trees import tree

CONF = "/etc/ssl/openssl.cnf"
TOP = "openssl_conf = i\n[i]\nproviders = p\nalg_section = a\n[a]\ndefault_properties = fips=yes\n"
FIPS = f"{TOP}[f]\nactivate = 1\n[p]\nfips = f\n"


def read(text: str, **files: str) -> OpensslConfig:
    found = read_config(tree({CONF: text, **files}), CONF)
    assert found is not None
    return found


def test_fips_mode_is_on() -> None:
    found = read(FIPS)
    assert (found.activated, found.only_fips, found.unknown) == (frozenset({"fips"}), True, "")


@pytest.mark.parametrize(
    "more",
    [
        "default = d\n[d] x\nactivate = 1\n",
        "default = d\n[ d ]# x\nactivate = 1\n",
        "default = d\nd::activate = 1\n",
        "x.default = d\n[d]\ny.activate = 1\n",
        "other = d\n[d]\nidentity = default\nactivate = 1\n",
        "default = 'd' # x\n[d]\nactivate = \"1\"\n",
        "default = d e\n[ d e ]\nactivate = 1\n",
        "[i]\nproviders.2 = q\n[q]\ndefault = d\n[d]\nactivate = 1\n",
        "default = d\n[d]\nx = 'a # b\nactivate = 1\n",
        "default = d\n[d]\nx = a\\\\\nactivate = 1\n",
        "default = \\\nd\n[d]\nactivate = on\r\n",
    ],
)
def test_another_provider_is_activated(more: str) -> None:
    found = read(FIPS + more)
    assert (found.activated, found.unknown) == (frozenset({"fips", "default"}), "")


@pytest.mark.parametrize(
    "more",
    [
        "text without a sign\n",
        "[open\n",
        "[]\n",
        ".pragma = abspath:true\n",
        ".include fipsmodule.cnf\n",
        ".include $dir/x.cnf\n",
        "x::.include = /x\n",
        "x = $nowhere\n",
        "x = ${ENV::HOME}\n",
        "x = ${i\n",
        "x = $a::nothing\n",
        "default = d\n[d]\nactivate = 0\n",  # any value is a yes to OpenSSL 3.0
        "default = d\n[d]\nactivate = Yes\n",
        "[a]\nfips_mode = no\n",
        "[f]\nmodule = $x\n",
        "x\0 = 1\n",
        "\fx = 1\n",
        f".include {CONF}\n",
    ],
)
def test_what_openssl_would_drop_is_unknown(more: str) -> None:
    assert read(FIPS + more).unknown != ""


@pytest.mark.parametrize("end", ["\f", "\v", "\u2028", "\x1c", "\x85"])
def test_other_ends_of_a_line_are_none(end: str) -> None:
    found = read(f"# x{end}".join(FIPS.splitlines(keepends=True)))
    assert not found.wants_fips


def test_include_goes_on_in_the_current_section_and_its_last_one_stays() -> None:
    inside = read(FIPS + ".include /x.cnf\n[d]\nactivate = 1\n", **{"/x.cnf": "default = d\n"})
    assert inside.activated == {"fips", "default"}
    after = read(f"{FIPS}default = d\n.include /x.cnf\nactivate = 1\n", **{"/x.cnf": "[d]\n"})
    assert after.activated == {"fips", "default"}


def test_file_that_is_included_twice_is_read_twice() -> None:
    text = f".include /x.cnf\n{FIPS}.include /x.cnf\n[d]\nactivate = 1\n"
    assert read(text, **{"/x.cnf": "default = d\n"}).activated == {"fips", "default"}


def test_included_files_past_the_limit_are_unknown() -> None:
    files = {f"/x/{number:02}.CNF": "fips = f\n" for number in range(MAX_FILES - 1)}
    text = FIPS + ".include /x\n"
    assert read(text, **files).unknown == ""
    assert "more than 32 files" in read(text, **files, **{"/x/99.cnf": "default = d\n"}).unknown


@pytest.mark.parametrize("value", ["$there", "${there}/x", "$(there)", "$a::own", "a$there$a::own"])
def test_variable_of_a_section_is_known(value: str) -> None:
    assert read(f"there = x\n{FIPS}[a]\nown = 1\n[b]\nname = {value}\n").unknown == ""


def test_properties_that_say_more_of_fips_are_not_fips_alone() -> None:
    assert not read(FIPS + "[a]\ndefault_properties = fips=yes,-fips\n").only_fips


def test_comment_with_a_backslash_takes_the_next_line() -> None:
    assert list(lines_of(b"# a \\\nb = 1\nc = 1 # d\n e\\\n=2\\\n")) == ["c = 1", "e=2"]
