"""`careen base` as a user runs it: the catalog, contracts, differences, Dockerfiles."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from careen.catalog.entries import load_catalog
from careen.catalog.migrate.propose import Wanted, propose
from careen.catalog.recipe import recipe
from careen.cli.verbs.base import command
from careen.errors import CareenError, InputError
from careen.model.catalog.built import BaseFindings, BuiltBase, BuiltLayer
from careen.model.catalog.lock import Lock
from careen.model.measure import Measure
from careen.pipeline.catalog.measured import measured, remember
from careen.report.terminal_output.screen import open_console
from careen.report.views.base import print_built
from careen.report.views.migration import print_patch
from tests.support.dockerfiles import needs_parser
from tests.support.images import Item, directory, file, layer, oci_layout, symlink

STATUS = "Package: dash\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n"
ROOT = (
    directory("etc"),
    file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
    file("etc/group", "root:x:0:\n"),
    file("etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n'),
    directory("usr"),
    directory("usr/bin"),
    file("usr/bin/dash", b"dash", 0o755),
    symlink("usr/bin/sh", "dash"),
    symlink("bin", "usr/bin"),
    file("var/lib/dpkg/status", STATUS),
    file("var/lib/dpkg/info/dash.list", "/usr/bin/dash\n"),
)
DOCKERFILE = 'FROM python:3.13-slim\nCOPY app /app\nCMD ["python", "/app"]\n'


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAREEN_WORKDIR", str(tmp_path / "work"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def image(name: str, *items: Item) -> str:
    return f"oci:{oci_layout(Path(name), [layer(*items)])}"


MUST = ["(ours", "must", "be", "as", "upstream)"]


def base(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(
        command, [str(word) for word in words], standalone_mode=False, prog_name="careen base"
    )
    if done.exception is not None:
        raise done.exception
    return int(done.return_value or 0), done.stdout


def built(findings: BaseFindings | None) -> BuiltBase:
    figures = Measure("x", "sha256:" + "1" * 64, 14_700_000, 941, {"deb": 7}, 0, 0, 0, 0, 0)
    lock = Lock("debian:trixie", "runtime", "amd64", "2026-11-30T00:00:00Z", (), ())
    layers = (BuiltLayer("debian:trixie, runtime", "sha256:" + "2" * 64, 15_700_000),)
    return BuiltBase("debian:trixie", "runtime", figures, layers, lock, ("my:1",), findings, None)


def test_the_list_has_figures_only_of_what_was_built_here() -> None:
    _, text = base("list")
    assert "debian:trixie" in text
    assert text.split("debian:trixie", 1)[1].splitlines()[0].strip() == "no"
    assert text.split("alpine:3.23", 1)[1].splitlines()[0].strip() == "unproven"
    assert "never built from Alpine's own archive" in " ".join(text.split())
    remember(built(BaseFindings(16, 0, "2026-08-21", 5)), "2026-11-30T10:00:00Z")
    row = next(line for line in base("list")[1].splitlines() if "debian:trixie" in line)
    assert row.split()[1:5] == ["runtime", "14.7", "MB", "16"]
    assert "debian:trixie, runtime: 5 packages not compared" in base("list")[1]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_column_of_list_and_show_is_cut(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    remember(built(BaseFindings(16, 0, "2026-08-21", 5)), "2026-11-30T10:00:00Z")
    listed, one = base("list")[1], base("show", "debian:trixie")[1]
    assert max(len(line) for line in f"{listed}{one}".splitlines()) <= columns
    for text in (listed, one):
        row = next(line for line in text.splitlines() if "14.7 MB" in line)
        assert row.split()[-1] == "2026-11-30"
    names = "".join(line[:26].split()[0] for line in listed.splitlines() if line[:1].strip())
    assert all(each.name in names for each in load_catalog() if not each.abstract)


def test_show_says_which_variants_run_a_test() -> None:
    _, text = base("show", "java:21-debian-13")
    assert "runtime, compat, dev: java -version" in text
    assert "compat, dev: sh -c 'apt-get check" in text


def test_the_digest_of_a_build_can_be_copied() -> None:
    print_built(open_console(out := io.StringIO(), 60), built(None))
    assert "sha256:" + "1" * 64 in out.getvalue()


def test_findings_that_were_not_counted_are_not_zero() -> None:
    remember(built(None), "2026-11-30T10:00:00Z")
    found = measured("debian:trixie", "runtime")
    assert found is not None
    assert (found.findings, found.fixable) == (None, None)
    console = open_console(out := io.StringIO(), 100)
    print_built(console, built(None))
    assert "not counted: no advisory database" in out.getvalue()
    assert "did not run" in out.getvalue()


def test_findings_of_packages_that_no_feed_knows_are_unknown_not_zero() -> None:
    console = open_console(out := io.StringIO(), 100)
    unknown = built(BaseFindings(0, 0, "unknown", 7))
    print_built(console, unknown)
    assert "unknown: no feed knows any of its 7 packages" in out.getvalue()
    remember(unknown, "2026-11-30T10:00:00Z")
    found = measured("debian:trixie", "runtime")
    assert found is not None
    assert (found.findings, found.fixable, found.uncompared) == (None, None, 7)
    print_built(console, built(BaseFindings(1, 0, "unknown", 6)))
    assert "1, 0 with a fix; the distribution's feed states no date;" in out.getvalue()
    print_built(console, built(BaseFindings(3, 0, "2026-11-30", 0, code_absent=2)))
    assert "3, 0 with a fix; 2 more are about code that is not there;" in out.getvalue()
    some = BaseFindings(0, 0, "2026-11-30", 6)
    assert not some.says_nothing_of(built(some).measure)


@pytest.mark.parametrize("text", ["", "{}", '{"format": "careen.base-figures"}', "[" * 9999])
def test_a_damaged_file_of_figures_is_none(text: str, tmp_path: Path) -> None:
    remember(built(None), "2026-11-30T10:00:00Z")
    (place,) = (tmp_path / "data").rglob("*.json")
    place.write_text(text)
    assert measured("debian:trixie", "runtime") is None


def shown(name: str) -> Any:
    return json.loads(base("show", name, "--json")[1])


def test_every_variant_that_is_built_has_a_test() -> None:
    catalog = load_catalog()
    for entry in catalog:
        chain = catalog.chain(entry)
        if not any(each.unproven for each in chain):
            for variant in next(each.variants for each in reversed(chain) if each.variants):
                assert recipe(catalog, entry, variant).tests, (entry.name, variant)


def test_no_test_is_not_a_passed_one() -> None:
    console = open_console(out := io.StringIO(), 100)
    print_built(console, replace(built(None), tested=0))
    assert "the entry has none" in out.getvalue()
    assert "0 tests" not in out.getvalue()


def test_show_says_what_an_entry_is_made_of() -> None:
    _, text = base("show", "python-3.13:debian-13")
    assert "Python 3.13 on Debian 13" in text
    assert text.endswith("Built here\n  nothing yet\n")
    document = json.loads(base("show", "debian:13", "--json")[1])
    assert document["row"]["support_until"] == "2030-06-30"
    assert document["row"]["figures"] == []
    gone = {
        name: " ".join(shown(name)["omitted"]) for name in ("debian:13", "python-3.13:debian-13")
    }
    assert ["openssl" in text for text in gone.values()] == [True, False]
    assert len(json.loads(base("list", "--json")[1])) == len(base("list", "-q")[1].split())


def test_an_unproven_entry_is_not_built() -> None:
    with pytest.raises(CareenError, match=r"ubuntu:24\.04: never built from Ubuntu's own archive"):
        base("build", "ubuntu:24.04", "-o", "oci:out")
    assert not Path("out").exists()


def test_a_build_without_a_destination_is_refused() -> None:
    with pytest.raises(CareenError, match="no destination:"):
        base("build", "debian:trixie")


def test_another_platform_is_refused() -> None:
    with pytest.raises(CareenError, match="a base is built for this machine's platform"):
        base("build", "debian:trixie", "-o", "oci:out", "--platform", "linux/s390x")


def test_an_image_that_drops_in_and_one_that_does_not() -> None:
    upstream, same = image("one", *ROOT), image("two", *ROOT)
    status, text = base("verify", same, "--against", upstream, "--no-run")
    assert status == 0
    assert "drops in" in text
    other = image("three", *(item for item in ROOT if item.name != "usr/bin/sh"))
    status, text = base("verify", other, "--against", upstream, "--no-run")
    assert status == 3
    table, verdict = text.rstrip("\n").split("\n\n")[-2:]
    kept = [line.split()[2] for line in table.splitlines() if line[:5] == "shell"]
    assert kept == ["broken"]
    assert "broken" not in table.partition("shell")[0]  # the broken ones stand at the end
    assert verdict.startswith("✗ does not drop in")
    document = json.loads(base("verify", other, "--against", upstream, "--no-run", "--json")[1])
    broken = [row["what"] for row in document["rows"] if row["kept"] == "broken"]
    assert broken == ["/bin/sh"]
    words = ("--against", upstream, "--no-run", "--variant", "runtime", "--json")
    status, text = base("verify", other, *words)
    assert status == 3
    broken = [row["what"] for row in json.loads(text)["rows"] if row["kept"] == "broken"]
    assert broken == ["/usr/bin/dash", "of a runtime"]  # it has a shell, and runs as root


def test_what_two_bases_differ_in() -> None:
    one = image("one", *ROOT)
    passwd = file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:9:9::/:/x\n")
    two = image("two", *(passwd if item.name == "etc/passwd" else item for item in ROOT))
    _, text = base("diff", one, two)
    assert "+ app (9)" in text
    assert base("diff", one, one, "-q")[1].strip() == "same"
    assert json.loads(base("diff", one, one, "--json")[1])["shared_layers"] == 1


def test_a_name_with_control_characters_is_escaped() -> None:
    passwd = file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n\x1b[31mred:x:9:9::/:/x\n")
    one = image("one", *ROOT)
    two = image("two", *(passwd if item.name == "etc/passwd" else item for item in ROOT))
    for text in (
        base("diff", one, two)[1],
        base("verify", two, "--against", one, "--no-run")[1],
    ):
        assert "red" in text
        assert "\x1b" not in text


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    needs_parser()
    path = tmp_path / "Dockerfile"
    path.write_text(DOCKERFILE)
    return Path("Dockerfile")


def test_migrate_prints_a_patch_and_writes_only_when_asked(dockerfile: Path) -> None:
    _, patch = base("migrate", dockerfile, "-q")
    assert "+FROM bases/python:3.13-debian-13\n" in patch
    assert patch.startswith("--- a/Dockerfile\n+++ b/Dockerfile\n")
    assert dockerfile.read_text() == DOCKERFILE
    dockerfile.rename("real")
    Path("real").chmod(0o664)
    dockerfile.symlink_to("real")
    _, text = base("migrate", dockerfile, "--write", "--repository", "my")
    assert "written: Dockerfile" in text
    assert dockerfile.is_symlink()
    assert Path("real").stat().st_mode & 0o777 == 0o664
    assert dockerfile.read_text() == DOCKERFILE.replace(
        "python:3.13-slim", "my/python:3.13-debian-13", 1
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--build",), "--build and --test belong together"),
        (("--test", "true"), "--build and --test belong together"),
        (("--build-arg", "x"), "--build-arg x: expected NAME=VALUE"),
        (("--build-arg", "=1"), "expected NAME=VALUE"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    dockerfile: Path, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CareenError, match=said):
        base("migrate", dockerfile, *words)


def test_a_file_that_is_no_dockerfile_is_named(dockerfile: Path) -> None:
    dockerfile.write_bytes(b"\xff\xfe")
    with pytest.raises(CareenError, match="Dockerfile: not UTF-8"):
        base("migrate", dockerfile)
    with pytest.raises(CareenError, match="missing: cannot be read"):
        base("migrate", "missing")


def test_the_commands_for_the_bases_can_be_copied(
    dockerfile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = base("migrate", dockerfile, "--repository", "registry.example/team/bases")[1].split(
        "\n"
    )
    at = lines.index("The bases, if you have not built them")
    commands = [line for line in lines[at + 1 :] if line.startswith("  careen base build ")]
    entry = "python:3.13-debian-13"
    assert commands[-1] == (
        f"  careen base build {entry} --variant runtime -t registry.example/team/bases/{entry}"
    )


def test_the_commands_for_the_bases_name_the_catalogs_that_were_given(
    dockerfile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    Path("my own.toml").write_text('schema = 1\n[[entry]]\nname = "own:1"\ntitle = "Own"\n')
    said = base("migrate", dockerfile, "--catalog", "my own.toml")[1]
    assert " -t bases/python:3.13-debian-13 --catalog 'my own.toml'\n" in said


def test_a_patch_on_a_terminal_steers_nothing(dockerfile: Path) -> None:
    dockerfile.write_text("# \x1b[31mred\n" + DOCKERFILE)
    found = propose(dockerfile.read_text(), "Dockerfile", load_catalog(), Wanted("my"))
    print_patch(open_console(out := io.StringIO(), 100), found)
    assert "\x1b" not in out.getvalue()
    assert "red" in out.getvalue()
    assert "\x1b" in base("migrate", dockerfile, "-q")[1]  # a pipe gets the bytes as they are


def test_what_an_own_catalog_adds_is_excused() -> None:
    layout = Path("ours")
    oci_layout(layout, [layer(*ROOT)], config={"config": {"Env": ["MINE=1"]}})
    theirs = image("theirs", *ROOT)
    words = ("verify", f"oci:{layout}", "--against", theirs, "--no-run", "--json")

    def row(*more: object) -> tuple[str, str]:
        rows = json.loads(base(*words, *more)[1])["rows"]
        return next((x["what"], x["kept"]) for x in rows if x["what"].startswith("added"))

    assert row() == ("added, and not by the catalog", "broken")
    own = Path("own.toml")
    own.write_text(
        'schema = 1\n[[entry]]\nname = "own:1"\ntitle = "Own"\nenvironment = { MINE = "1" }\n'
    )
    assert row("--catalog", own) == ("added", "differs")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--variant", "fips"), "--variant fips: applies to a base that is built from packages"),
        (("--no-test",), "--no-test: applies to a base that is built from packages"),
        (("--against", "x:1"), "--against: a base that is cut from an image is compared with"),
        (("--write-lock", "x.lock"), "--write-lock: a base that is cut from an image has no lock"),
    ],
)
def test_what_only_a_build_from_packages_has_is_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        base("build", "debian:trixie", "--from", image("up", *ROOT), "-o", "oci:out", *words)


def test_wheels_on_an_image_need_its_python() -> None:
    words = ("build", "onnxruntime-cpu:debian-13", "--from", image("up", *ROOT), "-o", "oci:out")
    with pytest.raises(InputError, match="the root has no /usr/bin/python3"):
        base(*words)


def test_refresh_leaves_out_what_is_cut_from_an_image() -> None:
    own = Path("own.toml")
    own.write_text(
        'schema = 1\n[[entry]]\nname = "own:1"\ntitle = "Own"\nvariants = ["compat"]\n'
        'upstream = "acme/golden:1"\n'
    )
    assert "acme/golden:1" in base("show", "own:1", "--catalog", own)[1]
    with pytest.raises(InputError, match=r"own:1 is cut from acme/golden:1"):
        base("refresh", "own:1", "--catalog", own, "--repository", "my", "--dry-run")


def test_an_index_of_wheels_for_an_entry_without_wheels_is_refused() -> None:
    words = ("-o", "oci:out", "--wheel-index", "https://index.example/simple")
    with pytest.raises(InputError, match="--wheel-index: debian:trixie has no wheels"):
        base("build", "debian:trixie", *words)


@pytest.mark.parametrize(
    ("url", "said"),
    [("x", "expected the URL of an index"), ("https://index.example/x", "no entry of this pass")],
)
def test_a_pass_takes_an_index_of_wheels_for_entries_with_wheels(url: str, said: str) -> None:
    words = ("--repository", "my", "--state", "s", "--dry-run", "--wheel-index", url)
    with pytest.raises(InputError, match=f"--wheel-index: {said}"):
        base("refresh", "debian:trixie", *words)
