"""Which tier each kind of package gets from what was seen of its files, and when nothing may be
concluded from having seen nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from careen.model.findings.triage import Tier
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, RunKind, RuntimeBom
from careen.model.runs.trace import SensorKind, Use
from careen.rbom.merge import merge
from careen.triage.affected import AffectedFiles
from careen.triage.content import RootfsContent
from careen.triage.evidence import UsageIndex
from careen.triage.tiers import Proof, Tiers
from careen.triage.triage import triage
from tests.support.trees import tree
from tests.support.triage import (
    FANOTIFY,
    IMAGE,
    OTHER_IMAGE,
    PYTHON,
    SITE,
    bom,
    code,
    embedded,
    finding,
    inventory,
    package,
    use,
)


def prove(what: Package, seen: RuntimeBom | None, **more: Any) -> Proof:
    return Tiers(UsageIndex(seen, IMAGE)).of(what, finding(what, **more))


def tier(what: Package, path: str, how: Use, program: str = PYTHON) -> Tier:
    return prove(what, bom({path: use(how, program)})).tier


PYPI = Ecosystem.PYPI
INIT = f"{SITE}/foo/__init__.py"
CACHED = f"{SITE}/foo/__pycache__/__init__.cpython-311.pyc"
EXTENSION = f"{SITE}/foo/_speed.cpython-311-x86_64-linux-gnu.so"


@pytest.mark.parametrize(
    ("path", "how", "program", "expected"),
    [
        (INIT, Use.OPENED, PYTHON, Tier.EXECUTED),
        (CACHED, Use.OPENED, PYTHON, Tier.EXECUTED),
        (CACHED, Use.OPENED, "/opt/pypy/bin/pypy3.10", Tier.EXECUTED),
        (EXTENSION, Use.MAPPED, PYTHON, Tier.EXECUTED),
        (EXTENSION, Use.OPENED, PYTHON, Tier.OPENED),
        (INIT, Use.OPENED, "/usr/bin/grep", Tier.OPENED),
        (INIT, Use.OPENED, "/usr/bin/pythonize", Tier.OPENED),
        (INIT, Use.LOOKED_UP, PYTHON, Tier.LOOKED_UP),  # find_spec asks for it and imports nothing
        (INIT, Use.WRITTEN, PYTHON, Tier.LOOKED_UP),
        (INIT, Use.TRAVERSED, PYTHON, Tier.PRESENT),
        (f"{SITE}/foo/data.json", Use.OPENED, PYTHON, Tier.OPENED),
    ],
)
def test_python(path: str, how: Use, program: str, expected: Tier) -> None:
    foo = package("foo", INIT, CACHED, EXTENSION, f"{SITE}/foo/data.json", ecosystem=PYPI)
    assert tier(foo, path, how, program) is expected


def test_a_program_that_mapped_libpython_is_an_interpreter() -> None:
    seen = {
        INIT: use(Use.OPENED, "/usr/bin/uwsgi"),
        "/usr/lib/libpython3.11.so.1.0": use(Use.MAPPED, "/usr/bin/uwsgi"),
    }
    assert prove(package("foo", INIT, ecosystem=PYPI), bom(seen)).tier is Tier.EXECUTED


def test_a_listed_directory_names_none_of_its_files() -> None:
    seen = bom(
        {f"{SITE}/foo": (use(Use.LISTED), use(Use.OPENED), use(Use.LOOKED_UP))},
        kinds={f"{SITE}/foo": "directory"},
    )
    assert prove(package("foo", INIT, ecosystem=PYPI), seen).tier is Tier.PRESENT


def test_a_link_that_was_walked_through_is_no_use_of_the_package_that_has_it() -> None:
    link = "/usr/lib/libfoo.so"
    assert (
        prove(
            package("libfoo-dev", link), bom({link: use(Use.TRAVERSED)}, kinds={link: "symlink"})
        ).tier
        is Tier.PRESENT
    )


@pytest.mark.parametrize(
    ("what", "path"),
    [
        (
            package("foo", INIT, ecosystem=PYPI, metadata=[f"{SITE}/foo-1.0.dist-info/METADATA"]),
            f"{SITE}/foo-1.0.dist-info/METADATA",
        ),
        (
            package("foo", INIT, f"{SITE}/foo-1.0.egg-info/PKG-INFO", ecosystem=PYPI),
            f"{SITE}/foo-1.0.egg-info/PKG-INFO",
        ),
        (
            package("foo", "/usr/bin/foo", metadata=["/var/lib/dpkg/info/foo.list"]),
            "/var/lib/dpkg/info/foo.list",
        ),
        (
            package("foo", "/usr/bin/foo", licences=["/usr/share/doc/foo/copyright"]),
            "/usr/share/doc/foo/copyright",
        ),
    ],
)
def test_whoever_lists_what_is_installed_looks_at_the_record_and_not_at_the_code(
    what: Package, path: str
) -> None:
    proof = prove(what, bom({path: use(Use.OPENED)}))
    assert proof.tier is Tier.LOOKED_UP
    assert [(witness.path, witness.use) for witness in proof.witnesses] == [
        (path, "opened (its record only)")
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/usr/share/doc/foo/README",
        "/usr/share/man/man1/foo.1.gz",
        "/opt/foo/LICENSE.txt",
        "/usr/share/doc/foo/changelog.gz",
    ],
)
def test_documentation_that_was_read_is_no_use_of_the_code(path: str) -> None:
    assert tier(package("foo", "/usr/bin/foo", path), path, Use.OPENED) is Tier.LOOKED_UP


def test_a_module_called_license_is_code() -> None:
    path = f"{SITE}/packaging/license.py"
    assert tier(package("packaging", path, ecosystem=PYPI), path, Use.OPENED) is Tier.EXECUTED


@pytest.mark.parametrize(
    ("name", "program", "expected"),
    [
        ("index.js", "/usr/bin/node", Tier.EXECUTED),
        ("index.mjs", "/usr/local/bin/nodejs", Tier.EXECUTED),
        ("addon.node", "/usr/bin/node", Tier.EXECUTED),
        ("index.js", "/usr/bin/cat", Tier.OPENED),
        (
            "package.json",
            "/usr/bin/node",
            Tier.LOOKED_UP,
        ),  # resolving `require` reads it, whatever is then loaded
        ("data.json", "/usr/bin/node", Tier.OPENED),
    ],
)
def test_node(name: str, program: str, expected: Tier) -> None:
    files = [
        f"/app/node_modules/foo/{one}"
        for one in ("index.js", "index.mjs", "addon.node", "package.json", "data.json")
    ]
    assert (
        tier(
            package("foo", *files, ecosystem=Ecosystem.NPM),
            f"/app/node_modules/foo/{name}",
            Use.OPENED,
            program,
        )
        is expected
    )


@pytest.mark.parametrize(
    ("program", "expected"),
    [("/usr/lib/jvm/bin/java", Tier.LOADED), ("/usr/bin/unzip", Tier.OPENED)],
)
def test_a_jar_that_java_opened_is_loaded_and_so_is_what_is_shaded_into_it(
    program: str, expected: Tier
) -> None:
    jar = "/app/app.jar"
    assert (
        tier(package("app", jar, ecosystem=Ecosystem.MAVEN), jar, Use.OPENED, program) is expected
    )
    assert (
        tier(embedded("log4j-core", jar, ecosystem=Ecosystem.MAVEN), jar, Use.OPENED, program)
        is expected
    )


@pytest.mark.parametrize("ecosystem", [Ecosystem.GOLANG, Ecosystem.CARGO])
def test_what_is_linked_into_a_program_that_ran_is_loaded(ecosystem: Ecosystem) -> None:
    module = embedded("golang.org/x/net", "/usr/bin/caddy", ecosystem=ecosystem)
    assert tier(module, "/usr/bin/caddy", Use.EXECUTED, "") is Tier.LOADED
    assert tier(module, "/usr/bin/caddy", Use.OPENED, "/usr/bin/sha256sum") is Tier.OPENED
    assert tier(module, "/usr/bin/caddy", Use.LOOKED_UP, "/usr/bin/ls") is Tier.LOOKED_UP


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("openssl", "libcrypto-fb8d5b21.so.3", Tier.EXECUTED),
        ("openssl", "_rust.abi3.so", Tier.LOADED),
        ("openssl", "libcurl-1a2b3c4d.so.4", Tier.LOADED),
        ("zlib", "libz-1a2b3c4d.so.1.3.1", Tier.EXECUTED),
        ("zlib", "libzstd-1a2b3c4d.so.1", Tier.LOADED),
        ("libjpeg-turbo", "libjpeg-8a13c6e0.so.62.4.0", Tier.EXECUTED),
        ("libwebp", "libwebpdemux-efaed568.so.2.0.16", Tier.EXECUTED),
        ("openjpeg", "libopenjp2-56811f71.so.2.5.3", Tier.EXECUTED),
        ("openblas", "libscipy_openblas64_-56d6093b.so", Tier.EXECUTED),
        ("ffmpeg", "libavcodec-1a2b3c4d.so.60", Tier.EXECUTED),
        ("dav1d", "libavif-01e67780.so.16.3.0", Tier.LOADED),
        ("libuv", "loop.cpython-311-x86_64-linux-gnu.so", Tier.LOADED),
        ("sqlite", "libsqlite3.so.0", Tier.EXECUTED),
        ("python", "libpython3.11.so.1.0", Tier.EXECUTED),
        ("python", "python3.11", Tier.EXECUTED),
        ("openjdk", "libjvm.so", Tier.EXECUTED),
    ],
)
def test_a_bundled_library_is_executed_as_itself_and_loaded_inside_another(
    name: str, file: str, expected: Tier
) -> None:
    path = f"{SITE}/foo.libs/{file}"
    assert tier(embedded(name, path), path, Use.MAPPED) is expected


@pytest.mark.parametrize(
    ("path", "how", "program", "expected"),
    [
        ("/usr/bin/script", Use.EXECUTED, "", Tier.EXECUTED),
        ("/usr/lib/foo/functions.sh", Use.OPENED, "/usr/bin/dash", Tier.EXECUTED),
        ("/usr/share/perl5/Foo.pm", Use.OPENED, "/usr/bin/perl", Tier.EXECUTED),
        ("/usr/share/perl5/Foo.pm", Use.OPENED, "/usr/bin/perldoc.py", Tier.OPENED),
        ("/usr/lib/libfoo.so.1", Use.MAPPED, "/usr/bin/dash", Tier.EXECUTED),
        ("/etc/foo.conf", Use.OPENED, "/usr/bin/dash", Tier.OPENED),
    ],
)
def test_a_distribution_package_by_its_files(
    path: str, how: Use, program: str, expected: Tier
) -> None:
    files = (
        "/usr/bin/script",
        "/usr/lib/foo/functions.sh",
        "/usr/share/perl5/Foo.pm",
        "/usr/lib/libfoo.so.1",
        "/etc/foo.conf",
    )
    assert tier(package("foo", *files), path, how, program) is expected


@pytest.mark.parametrize(
    "named", ["torch.serialization", "torch/serialization.py", "torch.serialization.load"]
)
@pytest.mark.parametrize(
    "file",
    ["serialization.py", "__pycache__/serialization.cpython-311.pyc", "serialization/__init__.py"],
)
def test_where_the_advisory_names_modules_only_these_count(named: str, file: str) -> None:
    torch = package("torch", f"{SITE}/torch/__init__.py", f"{SITE}/torch/{file}", ecosystem=PYPI)
    unused = prove(
        torch, bom({f"{SITE}/torch/__init__.py": use(Use.OPENED)}), code=code(named, "load")
    )
    assert (unused.tier, unused.scope) == (Tier.PRESENT, "vulnerable code")
    used = prove(torch, bom({f"{SITE}/torch/{file}": use(Use.OPENED)}), code=code(named))
    assert (used.tier, used.scope, used.witnesses[0].path) == (
        Tier.EXECUTED,
        "vulnerable code",
        f"{SITE}/torch/{file}",
    )


@pytest.mark.parametrize("named", [code("torch", "load"), code("torch.load")])
def test_a_function_that_a_package_offers_may_stand_in_any_of_its_files(named: object) -> None:
    torch = package(
        "torch",
        f"{SITE}/torch/__init__.py",
        f"{SITE}/torch/serialization.py",
        f"{SITE}/torchgen/api.py",
        ecosystem=PYPI,
    )
    proof = prove(torch, bom({f"{SITE}/torch/serialization.py": use(Use.OPENED)}), code=named)
    assert (proof.tier, proof.scope) == (Tier.EXECUTED, "vulnerable code")
    assert (
        prove(torch, bom({f"{SITE}/torchgen/api.py": use(Use.OPENED)}), code=named).tier
        is Tier.PRESENT
    )


@pytest.mark.parametrize(
    "named",
    [code("torch.elsewhere.deep"), (*code("torch.serialization"), *code("torch.nothing.here"))],
)
def test_a_named_module_that_is_not_found_leaves_the_whole_package_in_doubt(named: object) -> None:
    torch = package(
        "torch", f"{SITE}/torch/__init__.py", f"{SITE}/torch/serialization.py", ecosystem=PYPI
    )
    proof = prove(torch, bom({f"{SITE}/torch/__init__.py": use(Use.OPENED)}), code=named)
    assert (proof.tier, proof.scope) == (Tier.EXECUTED, "package")


def test_a_module_of_the_same_name_in_another_folder_is_another_module() -> None:
    foo = package("foo", f"{SITE}/foo/io.py", f"{SITE}/foo/tests/io.py", ecosystem=PYPI)
    assert (
        prove(foo, bom({f"{SITE}/foo/tests/io.py": use(Use.OPENED)}), code=code("foo.io")).tier
        is Tier.PRESENT
    )


@pytest.mark.parametrize("suffix", ["cpython-311-x86_64-linux-gnu.so", "abi3.so", "so"])
def test_a_compiled_module_is_found_by_its_name(suffix: str) -> None:
    path = f"{SITE}/foo/_speed.{suffix}"
    foo = package("foo", path, INIT, f"{SITE}/foo/_speed.txt", ecosystem=PYPI)
    assert AffectedFiles().vulnerable(foo, code("foo._speed")) == (path,)


@pytest.mark.parametrize("named", ["", ".", "/", "..", "foo..x", "nothing"])
def test_a_name_that_is_no_module_names_no_code(named: str) -> None:
    assert AffectedFiles().vulnerable(package("foo", INIT, ecosystem=PYPI), code(named)) == ()


@pytest.mark.timeout(60)
@pytest.mark.no_cover
def test_folders_of_one_name_within_each_other_are_gone_through_once() -> None:
    deep = [f"{SITE}{'/io' * depth}/__init__.py" for depth in range(1, 500)]
    wide = [f"{SITE}{'/io' * 499}/m{i}.py" for i in range(5000)]
    found = AffectedFiles().vulnerable(package("io", *deep, *wide, ecosystem=PYPI), code("io"))
    assert set(found) == {*deep, *wide}


def test_a_go_import_path_has_no_file_of_its_own() -> None:
    net = embedded("golang.org/x/net", "/usr/bin/caddy", ecosystem=Ecosystem.GOLANG)
    proof = prove(
        net,
        bom({"/usr/bin/caddy": use(Use.EXECUTED, "")}),
        code=code("golang.org/x/net/html", "Parse"),
    )
    assert (proof.tier, proof.scope) == (Tier.LOADED, "package")


# What nothing seen proves


FOO = package("foo", "/usr/bin/foo", "/usr/lib/libfoo.so.1")


def test_without_an_rbom_nothing_is_known() -> None:
    proof = prove(FOO, None)
    assert (proof.tier, proof.witnesses) == (Tier.NOT_PROFILED, ())
    assert "no RBOM" in proof.doubt


def test_a_complete_profile_that_shows_nothing_proves_presence_only() -> None:
    assert prove(FOO, bom({})) == Proof(Tier.PRESENT, "package")


def test_lost_events_make_nothing_seen_mean_nothing() -> None:
    proof = prove(FOO, bom({}, lost=7))
    assert proof.tier is Tier.NOT_PROFILED
    assert proof.doubt == "7 events were lost (7 ring_full), so it may have been used unobserved"
    opened = prove(FOO, bom({"/usr/bin/foo": use(Use.OPENED)}, lost=7))
    assert (opened.tier, opened.doubt.partition(":")[0]) == (Tier.OPENED, "at least")
    assert prove(FOO, bom({"/usr/bin/foo": use(Use.EXECUTED)}, lost=7)).doubt == ""


@pytest.mark.parametrize("kind", [RunKind.ATTACHED, RunKind.CARRIED])
def test_without_a_start_nothing_seen_means_nothing(kind: RunKind) -> None:
    """A service has imported its modules before anybody attaches to it."""

    def second_hand(files: Mapping[str, FileUse]) -> RuntimeBom:
        seen = bom(files)
        return replace(seen, runs=tuple(replace(run, kind=kind) for run in seen.runs))

    proof = prove(FOO, second_hand({}))
    assert proof.tier is Tier.NOT_PROFILED
    assert proof.doubt.startswith("no run observed a container of this image from its start")
    opened = prove(FOO, second_hand({"/usr/bin/foo": use(Use.OPENED)}))
    assert (opened.tier, opened.doubt.partition(":")[0]) == (Tier.OPENED, "at least")
    assert prove(FOO, second_hand({"/usr/bin/foo": use(Use.EXECUTED)})).doubt == ""
    assert (
        prove(FOO, merge([second_hand({}), bom({})])).tier is Tier.PRESENT
    )  # one that was watched from its start is enough


def test_a_sensor_that_cannot_see_lookups_proves_no_absence() -> None:
    seen = bom({}, evidence=FANOTIFY, sensor=SensorKind.FANOTIFY)
    assert prove(FOO, seen).tier is Tier.NOT_PROFILED
    assert (
        prove(FOO, seen).doubt
        == "the sensor (fanotify) cannot see what is mapped or looked up, so it may have been"
        " used unobserved"
    )


def test_a_sensor_that_cannot_see_mappings_does_not_call_a_library_opened() -> None:
    seen = bom(
        {"/usr/lib/libfoo.so.1": use(Use.OPENED), "/etc/foo.conf": use(Use.OPENED)},
        evidence=FANOTIFY,
        sensor=SensorKind.FANOTIFY,
    )
    assert prove(FOO, seen).tier is Tier.NOT_PROFILED
    assert prove(package("foo", "/etc/foo.conf"), seen).tier is Tier.OPENED


def test_an_rbom_without_a_run_proves_nothing() -> None:
    assert prove(FOO, replace(bom({}), runs=())).doubt == "the RBOM holds no run"


@pytest.mark.parametrize(
    "what", [package("foo"), package("foo", ecosystem=PYPI, metadata=["/x/foo.dist-info/METADATA"])]
)
def test_a_package_of_which_no_file_is_known_is_not_called_unused(what: Package) -> None:
    assert prove(what, bom({})).tier is Tier.NOT_PROFILED


def test_a_metapackage_has_no_code_to_be_used() -> None:
    assert (
        prove(package("foo-all", licences=["/usr/share/doc/foo-all/copyright"]), bom({})).tier
        is Tier.PRESENT
    )


def test_the_strongest_use_is_the_first_witness_and_there_are_few() -> None:
    files = {f"{SITE}/foo/{i}.py": use(Use.LOOKED_UP) for i in range(9)} | {
        EXTENSION: (use(Use.MAPPED), use(Use.OPENED))
    }
    proof = prove(package("foo", *files, ecosystem=PYPI), bom(files))
    assert [
        (witness.path, witness.use, witness.executable, witness.workload)
        for witness in proof.witnesses[:1]
    ] == [(EXTENSION, "mapped", PYTHON, "web")]
    assert len(proof.witnesses) == 3
    assert len({witness.path for witness in proof.witnesses}) == 3


# Another image's RBOM


class Same:
    """The image's content, by path: digest and layer."""

    def __init__(self, digest: str = "a" * 64, layer: str = IMAGE.diff_ids[0]) -> None:
        self._digest, self._layer = digest, layer

    def sha256(self, path: ImagePath) -> str:
        return self._digest if path else ""

    def layer(self, path: ImagePath) -> str:
        return self._layer if path else ""

    def hard_links(self) -> tuple[tuple[ImagePath, ...], ...]:
        return ()


def other(files: dict[str, Use], content: Same | None) -> Proof:
    seen = bom({path: use(how) for path, how in files.items()}, image=OTHER_IMAGE)
    return Tiers(UsageIndex(seen, IMAGE, content)).of(FOO, finding(FOO))


def test_of_another_image_the_same_content_counts_as_a_hint() -> None:
    proof = other({"/usr/bin/foo": Use.EXECUTED}, Same())
    assert (proof.tier, proof.doubt) == (Tier.EXECUTED, "a hint: the RBOM is of another image")


def test_of_another_image_other_content_at_the_path_counts_for_nothing() -> None:
    assert other({"/usr/bin/foo": Use.EXECUTED}, Same(digest="b" * 64)).tier is not Tier.EXECUTED


def test_of_another_image_only_the_files_that_are_asked_about_are_read() -> None:
    class Counting(Same):
        asked: ClassVar[list[str]] = []

        def sha256(self, path: ImagePath) -> str:
            self.asked.append(path)
            return super().sha256(path)

    seen = bom(
        {path: use(Use.EXECUTED) for path in ("/usr/bin/foo", "/usr/bin/bar")}, image=OTHER_IMAGE
    )
    tiers = Tiers(UsageIndex(seen, IMAGE, Counting()))
    assert {tiers.of(FOO, finding(FOO, identifier)).tier for identifier in ("CVE-1", "CVE-2")} == {
        Tier.EXECUTED
    }
    assert Counting.asked == ["/usr/bin/foo"]


def test_of_another_image_nothing_seen_counts_only_in_a_layer_that_both_have() -> None:
    assert other({}, Same()) == Proof(
        Tier.PRESENT, "package", doubt="a hint: the RBOM is of another image"
    )
    assert other({}, Same(layer=IMAGE.diff_ids[1])).tier is Tier.NOT_PROFILED
    assert other({}, None).tier is Tier.NOT_PROFILED


@pytest.mark.parametrize(
    "same",
    [
        replace(OTHER_IMAGE, config_digest=IMAGE.config_digest),
        replace(OTHER_IMAGE, diff_ids=IMAGE.diff_ids),
    ],
)
def test_one_config_or_the_same_layers_are_the_same_image(same: object) -> None:
    assert UsageIndex(bom({}, image=same), IMAGE).exact  # type: ignore[arg-type]


def test_an_image_of_which_nothing_is_known_is_not_this_one() -> None:
    nothing = replace(IMAGE, manifest_digest=None, config_digest="", diff_ids=())
    assert not UsageIndex(bom({}, image=nothing), nothing).exact


def test_a_hard_link_is_used_under_all_its_names() -> None:
    plain = tree({"/usr/bin/perl": b"x", "/usr/bin/perl5.36": b"x"})
    entries = {entry.path: replace(entry, inode=7) if entry.is_file else entry for entry in plain}
    content = RootfsContent(type(plain)(entries, plain._content), ())
    seen = UsageIndex(bom({"/usr/bin/perl": use(Use.EXECUTED)}), IMAGE, content)
    perl = package("perl", "/usr/bin/perl5.36")
    assert Tiers(seen).of(perl, finding(perl)).tier is Tier.EXECUTED


def test_a_hard_link_is_not_used_where_another_image_has_other_content_at_its_name() -> None:
    plain = tree({"/usr/bin/perl": b"x", "/usr/bin/perl5.36": b"x"})
    entries = {entry.path: replace(entry, inode=7) if entry.is_file else entry for entry in plain}
    content = RootfsContent(type(plain)(entries, plain._content), ())
    seen = UsageIndex(bom({"/usr/bin/perl": use(Use.EXECUTED)}, image=OTHER_IMAGE), IMAGE, content)
    assert (seen.at(ImagePath("/usr/bin/perl5.36")), seen.at(ImagePath("/usr/bin/perl"))) == (
        (),
        (),
    )


def test_content_of_a_root_file_system() -> None:
    content = RootfsContent(tree({"/a": "one"}, layer=1), ("sha256:low", "sha256:high"))
    assert content.sha256(ImagePath("/a")) == hashlib.sha256(b"one").hexdigest()
    assert (content.sha256(ImagePath("/b")), content.sha256(ImagePath("/"))) == ("", "")
    assert (content.layer(ImagePath("/a")), content.layer(ImagePath("/b"))) == ("sha256:high", "")


# Findings of other tools


def test_a_package_that_another_tool_names_is_found_whatever_its_qualifiers() -> None:
    mine = package(
        "zlib1g",
        "/usr/lib/libz.so.1",
        version="1:1.3",
        purl="pkg:deb/debian/zlib1g@1:1.3?arch=amd64&distro=debian-12",
    )
    theirs = finding(
        mine, package="pkg:deb/debian/zlib1g@1.3?arch=amd64&distro=debian-12.9&epoch=1"
    )
    (item,) = triage([theirs], inventory(mine), bom({"/usr/lib/libz.so.1": use(Use.MAPPED)}), IMAGE)
    assert item.tier is Tier.EXECUTED


def test_another_tools_purl_means_any_installation_of_the_version() -> None:
    wheel = embedded("foo", "/bundled/foo.whl", ecosystem=PYPI)
    installed = package("foo", INIT, ecosystem=PYPI, purl="pkg:pypi/foo@1.0?location=/site")
    seen, stock = bom({INIT: use(Use.OPENED)}), inventory(wheel, installed)
    assert [item.tier for item in triage([finding(wheel)], stock, seen, IMAGE)] == [Tier.PRESENT]
    assert [item.tier for item in triage([finding(wheel)], stock, seen, IMAGE, foreign=True)] == [
        Tier.EXECUTED
    ]


def test_the_file_that_tells_of_an_embedded_package_is_the_one_that_holds_it() -> None:
    wheel = "/bundled/foo.whl"
    inside = package("foo", ecosystem=PYPI, metadata=[wheel], presence=Presence.EMBEDDED)
    assert tier(inside, wheel, Use.OPENED) is Tier.LOADED
    assert prove(inside, bom({})).tier is Tier.PRESENT


def test_without_an_inventory_the_rbom_knows_its_own_packages() -> None:
    purl = "pkg:pypi/foo@1.0"
    seen = bom({INIT: use(Use.OPENED)}, packages={INIT: (purl,)})
    known, unknown = (finding(package(name, ecosystem=PYPI)) for name in ("foo", "bar"))
    assert {
        item.finding.name: item.tier for item in triage([known, unknown], inventory(), seen, IMAGE)
    } == {"foo": Tier.EXECUTED, "bar": Tier.NOT_PROFILED}


def test_what_an_emulated_run_loaded_did_not_run_for_sure() -> None:
    seen = bom({"/usr/lib/libx.so": use(Use.MAPPED)})
    emulated = replace(
        seen,
        runs=tuple(replace(run, sensor=replace(run.sensor, emulated=True)) for run in seen.runs),
    )
    assert [each.tier for each in UsageIndex(seen, IMAGE).at(ImagePath("/usr/lib/libx.so"))] == [
        Tier.EXECUTED
    ]
    (sighting,) = UsageIndex(emulated, IMAGE).at(ImagePath("/usr/lib/libx.so"))
    assert (sighting.tier, sighting.verb) == (Tier.LOADED, "loaded (emulated)")
