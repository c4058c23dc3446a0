"""Data of system packages that a configuration or a source of the application names."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Link

RULES = load_rules()
LIBRARY = "/usr/lib/x86_64-linux-gnu/libwords.so.2"
DATA = "/usr/share/words/de.dic"


def stays(
    path: str,
    *,
    configuration: str = "",
    at: str = "/etc/wordsrc",
    source: str = "",
    more: Files | None = None,
) -> bool:
    """Whether a file of a package stays beside a library, its configuration and an application."""
    files: Files = {
        LIBRARY: elf(),
        at: configuration,
        "/app/main.py": source,
        path: elf() if ".so" in path else "",
        **(more or {}),
    }
    packages = (
        package(Ecosystem.DEB, "words", (LIBRARY, at)),
        package(Ecosystem.DEB, "data", (path, *(more or {}))),
    )
    used = {LIBRARY: Use.MAPPED, "/app/main.py": Use.OPENED}
    run = {"WorkingDir": "/app"}
    plan = plan_for(Case(files, used, (), packages=packages, run=run, rules=RULES))
    return ImagePath(path) in plan.keep


@pytest.mark.parametrize(
    ("path", "configuration"),
    [
        (DATA, "dicdir = /usr/share/words\n"),
        (DATA, "dictionary /usr/share/words/de.dic;\n"),
        ("/var/lib/words/de/a.dic", "dicdir = /var/lib/words/de\n"),
        ("/var/lib/words/de/a.dic", "dicdir = /var/lib/words/chosen\n"),
    ],
)
def test_configuration_of_a_kept_package_names_data_of_another(
    path: str, configuration: str
) -> None:
    more: Files = {"/var/lib/words/chosen": Link("de")}
    assert stays(path, configuration=configuration, more=more)
    assert not stays(path, configuration=f"# {configuration}", more=more)
    for other in ("/etc/profile.d/x.sh", "/etc/words/README"):
        assert not stays(path, configuration=configuration, at=other, more=more)


def test_one_configuration_reads_another_one() -> None:
    more: Files = {"/etc/words/more.cfg": "dir /usr/share/words\n"}
    assert stays(DATA, configuration="source /etc/words/more.cfg\n", more=more)
    assert not stays(DATA, configuration="source /etc/words/less.cfg\n", more=more)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/usr/lib/x86_64-linux-gnu/odbc/driver.so", "connect('DRIVER={%s};')\n"),
        ("/usr/share/doc/words/examples/a.txt", "open('%s')\n"),
    ],
)
def test_the_application_names_a_library_or_a_text_of_a_package(path: str, source: str) -> None:
    assert stays(path, source=source % path)
    assert not stays(path, source=source % "/x")


CATALOGUE = "/usr/share/locale/de/LC_MESSAGES/words.mo"


@pytest.mark.parametrize(
    "source",
    [
        "gettext.translation('words', '/usr/share/locale', languages=[language])\n",
        "gettext.bindtextdomain('words', FOLDER)\n",
        "DOMAIN = 'words'\nfrom gettext import translation\n",
    ],
)
def test_a_source_that_translates_keeps_the_catalogues_of_its_domain(source: str) -> None:
    assert stays(CATALOGUE, source=source)
    assert not stays(CATALOGUE, source=source.replace("'words'", "'other'"))
    assert not stays(CATALOGUE, source="x = 'words'\n")
