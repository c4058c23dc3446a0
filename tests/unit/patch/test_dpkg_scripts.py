"""Which maintainer scripts need not be run."""

import pytest

from careen.patch.deb.dpkg.scripts import judge
from tests.support.trees import Link, tree

EMPTY = tree({"/x": ""})
INIT = tree({"/usr/lib/systemd/systemd": "x"})


def refused(
    script: str, *, root: object = EMPTY, name: str = "some", installed: str = "2.0"
) -> str:
    assert root is EMPTY or root is INIT
    return judge(
        name, {"postinst": script.encode()}, installed, EMPTY if root is EMPTY else INIT
    ).refused


HARMLESS = [
    "#!/bin/sh\nset -e\nldconfig\n",
    '#!/bin/sh\nset -e\ncase "$1" in\n configure|reconfigure)\n  echo hi\n ;;\n abort-*) ;;\n *) echo "unknown" >&2; exit 1;;\nesac\nexit 0\n',
    '#!/bin/sh\nif [ "$1" = configure ] && [ -z "$2" ]; then\n  adduser x\nfi\n',
    '#!/bin/sh\nif [ "$1" = configure ] && dpkg --compare-versions "$2" lt 1.5~; then\n  rm -rf /var/lib/x\nfi\n',
    '#!/bin/sh\ndpkg-maintscript-helper rm_conffile /etc/x 1.9\\~ -- "$@"\n',
    "#!/bin/sh\ndeb-systemd-helper enable 'x.service' >/dev/null || true\n",
    "#!/bin/sh\nif [ -e /x" + " -a -e /x" * 3000 + ' -a -z "$2" ]; then\n  adduser x\nfi\n',
    '#!/bin/sh\nif [ "configure" = "$1" -a "x$2" != "x" ]; then\n if dpkg --compare-versions $2 lt 1.12 && test -f /a; then\n  cp /a /b\n fi\nfi\n',
]  # fmt: skip


@pytest.mark.parametrize("script", HARMLESS)
def test_a_script_that_does_nothing_an_image_needs_is_harmless(script: str) -> None:
    assert refused(script) == ""


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\nupdate-ca-certificates\n", "calls update-ca-certificates"),
        ('#!/bin/sh\nif [ "$1" = configure ]; then\n adduser x\nfi\n', "calls adduser"),
        ('#!/bin/sh\nif [ -z "$2" ]; then :; else\n adduser x\nfi\n', "calls adduser"),
        ('#!/bin/sh\nif [ -z "$2" ] || [ -e /x ]; then\n adduser x\nfi\n', "calls adduser"),
        ('#!/bin/sh\nif ! [ -z "$2" ]; then\n adduser x\nfi\n', "calls adduser"),
        ('#!/bin/sh\nif dpkg --compare-versions "$2" lt 3; then\n rm /x\nfi\n', "calls rm"),
        ("#!/bin/sh\necho x > /etc/x\n", "writes a file"),
        ("#!/bin/sh\necho x >> /etc/x\n", "writes a file"),
        ('#!/bin/sh\ndpkg-maintscript-helper rm_conffile /etc/x 3.0 -- "$@"\n', "calls dpkg-maintscript-helper"),
        ("#!/bin/sh\necho $(rm -rf /)\n", "more than can be read"),
        ("#!/bin/sh\nf() { rm /x; }\nf\n", "more than can be read"),
        ("#!/usr/bin/perl\nprint 1;\n", "is no shell script"),
        ('#!/bin/sh\necho "two\nlines"\n', "cannot be read"),
        ("#!/bin/sh\nFOO=1 rm /x\n", "calls rm"),
        ("#!/bin/sh\ntrue; rm /x\n", "calls rm"),
        ("#!/bin/sh\nfor f in a b; do rm $f; done\n", "calls rm"),
    ],
)  # fmt: skip
def test_everything_else_is_not(script: str, words: str) -> None:
    assert words in refused(script)


def test_services_matter_where_something_starts_them() -> None:
    assert "service manager" in refused("#!/bin/sh\ninvoke-rc.d x start\n", root=INIT)


def test_read_scripts_are_known_by_name_and_certificates_are_not_among_them() -> None:
    assert refused("#!/bin/sh\nanything at all\n", name="libc6") == ""
    assert "calls anything" in refused("#!/bin/sh\nanything at all\n", name="ca-certificates")
    assert (
        judge(
            "openssl",
            {"postinst": b"#!/bin/sh\nln -s a b\n"},
            "1",
            tree({"/usr/lib/ssl": Link("/etc/ssl"), "/etc/ssl": None}),
        ).refused
        == ""
    )
    assert judge("openssl", {"postinst": b"#!/bin/sh\nln -s a b\n"}, "1", EMPTY).refused


def test_an_alternative_is_harmless_where_it_is_known_or_gone() -> None:
    script = {
        "postinst": b"#!/bin/sh\nupdate-alternatives --install /usr/bin/pager pager /bin/more 50\n"
    }
    assert judge("u", script, "1", EMPTY).refused == ""
    assert judge("u", script, "1", tree({"/usr/bin/pager": "x"})).refused
    known = tree(
        {
            "/usr/bin/pager": "x",
            "/var/lib/dpkg/alternatives/pager": "auto\n/usr/bin/pager\n\n/bin/more\n50\n\n",
        }
    )
    assert judge("u", script, "1", known).refused == ""
