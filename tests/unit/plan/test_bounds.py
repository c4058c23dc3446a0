"""What a hostile image may cost a plan: work is counted, or the test runs out of time. What honest
files name is found all the same.
"""

import bz2
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.keeping import Keeping
from careen.plan.core.mechanism import Work
from careen.plan.core.opened import Opened
from careen.plan.core.policy import Policy
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.application import packed_texts
from careen.plan.mechanisms.application.packed_texts import Allowance, byte_code_texts
from careen.plan.mechanisms.by_rule.conditions import Conditions
from careen.plan.mechanisms.commands.daemons import operated
from careen.plan.mechanisms.packages import package_kinds
from careen.plan.mechanisms.python import packed_modules
from careen.plan.mechanisms.python.packed_modules import pickled
from tests.support.plans import NO_RULES, Case, Files, elf, package, plan_for, scene_of
from tests.support.trees import Exec, SetId

pytestmark = pytest.mark.slow

SITE = "/usr/lib/python3/dist-packages"
MODEL = b"\x80\x04\x95" + bytes(99) + b"\x8c\x07boosted\x94\x8c\x04Tree\x94\x93."


def _case(files: Files) -> Case:
    every: Files = {
        "/srv/app/main.py": b"",
        f"{SITE}/boosted/__init__.py": b"",
        "/usr/bin/python3": Exec(b""),
        **files,
    }
    owner = package(
        Ecosystem.PYPI, "boosted", (f"{SITE}/boosted/__init__.py",), modules=("boosted",)
    )
    run = {"WorkingDir": "/srv/app", "Entrypoint": ["python3", "/srv/app/main.py"]}
    return Case(every, {"/srv/app/main.py": Use.OPENED}, (), packages=(owner,), run=run)


def _found(files: Files) -> bool:
    return ImagePath(f"{SITE}/boosted/__init__.py") in plan_for(_case(files)).keep


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line", [b"\na\n" + b"a" * 199 + b"!", b"\n" + b"c" * 100, b"\n" + b"c" * 100 + b"x" * 70]
)
def test_lines_that_come_again_are_looked_at_once(line: bytes) -> None:
    allowance = Allowance()
    assert "boosted" in pickled(line * 200_000 + b"\ncboosted.trees\nTree\n", allowance)
    assert allowance.letters > Allowance().letters - 1000


def test_lines_that_differ_are_looked_at_while_the_allowance_lasts() -> None:
    allowance = Allowance(letters=3000)
    found = pickled(
        b"".join(b"\nx%dc" % number + b"c" * 60 + b"%d" % number for number in range(1000))
        + b"\nz\n",
        allowance,
    )
    assert 2000 < len(found) < 4000
    assert not pickled(b"\ncboosted.trees\nTree\n", allowance)


def test_the_places_of_all_files_together_are_bounded() -> None:
    allowance = Allowance(places=10)
    assert pickled(MODEL, allowance) == {"boosted"}
    pickled(MODEL * 20, allowance)
    assert pickled(MODEL, allowance) == frozenset()
    assert byte_code_texts(b"\xda\x03abc", allowance) == b""


def test_the_texts_of_byte_code_are_no_more_than_its_bytes() -> None:
    """Each `z` begins a text of 99 letters that holds the next."""
    data = b"".join(
        b"zc%c%c%c" % (97 + number % 25, 97 + number // 25 % 25, 97 + number // 625 % 25)
        for number in range(15_000)
    )
    assert len(byte_code_texts(data)) < 1.1 * len(data)


def test_what_looks_like_lz4_is_looked_at_while_the_allowance_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begins = b"\x04\x22\x4d\x18"
    assert _found({"/srv/app/x.joblib": begins + b"aaa.b " * 9 + b"boosted.tr"})
    monkeypatch.setattr(packed_texts, "_MAX_FOUND", 9)
    assert not _found({"/srv/app/x.joblib": begins + b"aaa.b " * 9 + b"boosted.tr"})


class Counting:
    """An unpacker that counts what comes out."""

    total = 0

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(47)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    def decompress(self, data: bytes, most: int = 0, /) -> bytes:
        out = self._inner.decompress(data, most)
        Counting.total += len(out)
        return out


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    monkeypatch.setattr(Counting, "total", 0)
    monkeypatch.setattr(
        packed_modules, "_COMPRESSED", ((b"\x1f\x8b", Counting, 8), *packed_modules._COMPRESSED[1:])
    )
    return Counting


def test_of_packed_files_that_are_no_pickles_only_the_beginning_is_unpacked(
    unpacked: type[Counting],
) -> None:
    table = gzip.compress(bytes(5 << 20))
    assert _found(
        {
            **{f"/srv/app/{number}.csv.gz": table for number in range(20)},
            "/srv/app/z.gz": gzip.compress(MODEL),
        }
    )
    assert unpacked.total < 1000


def test_a_large_model_is_unpacked_to_its_end(unpacked: type[Counting]) -> None:
    assert _found(
        {
            "/srv/app/z.gz": gzip.compress(
                MODEL[:-1].replace(b"boosted", b"nothing") + bytes(30 << 20) + MODEL
            )
        }
    )
    assert unpacked.total > 30 << 20


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_packed_files_that_are_no_pickles_have_an_allowance_of_their_own(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_modules, "MAX_TRIED", 20_000)
    tables = {f"/srv/app/{number}.csv.packed": pack(bytes(1 << 20)) for number in range(3)}
    assert _found({**tables, "/srv/app/z.pkl.packed": pack(MODEL)})
    assert not _found({**tables, "/srv/app/z.packed": pack(MODEL)})
    assert _found({"/srv/app/z.packed": pack(MODEL)})


def test_a_member_that_cannot_be_read_does_not_end_its_archive() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.py", b"import nothing\n", zipfile.ZIP_BZIP2)
        archive.writestr("b.py", bytes(3 << 20), zipfile.ZIP_DEFLATED)
        archive.writestr("c.py", b"import boosted\n", zipfile.ZIP_DEFLATED)
    assert _found({"/srv/app/bundle.zip": stream.getvalue()})


@pytest.mark.timeout(60)
def test_services_of_pam_that_include_each_other_are_read_once() -> None:
    lines = (
        "".join(f"@include s{number}\n" for number in range(60)) * 5
        + "@include x\n@include deep1\n"
    )
    chain = {f"/etc/pam.d/deep{number}": f"@include deep{number + 1}\n" for number in range(1, 9)}
    files: Files = {
        "/usr/bin/x": elf(("libpam.so.0",)),
        "/etc/pam.d/x": lines,
        **{f"/etc/pam.d/s{number}": lines for number in range(60)},
        **chain,
        "/etc/pam.d/deep9": "account required pam_unix.so\n",
        "/usr/lib/x86_64-linux-gnu/security/pam_unix.so": elf(text=b"\0/usr/sbin/unix_chkpwd\0"),
        "/usr/sbin/unix_chkpwd": SetId(b""),
    }
    assert (
        plan_for(Case(files, {"/usr/bin/x": Use.EXECUTED}, ()))
        .keep[ImagePath("/usr/sbin/unix_chkpwd")]
        .code
        == "helper-program"
    )


class Counted(tuple[ImagePath, ...]):
    """A list of files that counts how often it is gone through."""

    __slots__ = ()

    times = 0

    def __iter__(self) -> Iterator[ImagePath]:
        Counted.times += 1
        return super().__iter__()


def _times(number: int) -> int:
    files: Files = {"/usr/bin/x": elf(), **{f"/etc/x/{item}": "" for item in range(number)}}
    owner = package(Ecosystem.RPM, "x", tuple(files))
    object.__setattr__(owner, "files", Counted(owner.files))
    Counted.times = 0
    plan_for(Case(files, {"/usr/bin/x": Use.EXECUTED}, (), packages=(owner,)))
    return Counted.times


def test_the_files_of_a_package_are_gone_through_once_for_all_its_configuration() -> None:
    assert _times(100) == _times(1)


@pytest.mark.timeout(30)
def test_many_beginnings_of_module_names_among_many_modules() -> None:
    source = (
        b"import pkgutil\npkgutil.iter_modules()\n"
        + b"".join(b"startswith('aaa%d_')\n" % number for number in range(100_000))
        + b"startswith('boosted_')\n"
    )
    modules = tuple(f"m{number}" for number in range(20_000))
    case = _case({"/srv/app/main.py": source, f"{SITE}/boosted_extra/__init__.py": b""})
    extra = package(
        Ecosystem.PYPI,
        "extra",
        (f"{SITE}/boosted_extra/__init__.py",),
        modules=("boosted_extra", *modules),
    )
    assert (
        ImagePath(f"{SITE}/boosted_extra/__init__.py")
        in plan_for(
            Case(case.files, case.used, (), packages=(*case.packages, extra), run=case.run)
        ).keep
    )


@pytest.mark.timeout(60)
def test_many_names_that_libraries_compose_among_many_modules() -> None:
    sources = {
        f"{SITE}/host/m{number}.py": b"import_module(name)\n"
        + b"".join(b"f'aaa%d%d_{x}'\n" % (number, each) for each in range(5_000))
        for number in range(20)
    }
    first = f"{SITE}/host/__init__.py"
    host = package(Ecosystem.PYPI, "host", (first, *sources), modules=("host",))
    modules = tuple(f"m{number}" for number in range(20_000))
    extra = package(Ecosystem.PYPI, "extra", (f"{SITE}/extra.py",), modules=("extra", *modules))
    files: Files = {first: b"import_module(x)\n", f"{SITE}/extra.py": b"", **sources}
    plan = plan_for(Case(files, {first: Use.OPENED}, (), packages=(host, extra)))
    assert ImagePath(f"{SITE}/extra.py") in plan.remove


class CountingDependencies(Dependencies):
    """Dependencies that count how often they are asked."""

    times = 0

    def of(self, package: Package) -> Iterator[Package]:
        self.times += 1
        return super().of(package)


@pytest.mark.parametrize("kind", [Ecosystem.DEB, Ecosystem.RPM])
def test_a_family_of_packages_that_depend_on_each_other_is_asked_once_each(kind: Ecosystem) -> None:
    number = 300
    unit = "/etc/init.d"
    packages = tuple(
        package(
            kind,
            f"p{item}",
            (f"{unit}/{item}", f"/usr/bin/p{item}"),
            source="p@1",
            depends=tuple(f"p{(item + step) % number}" for step in (1, 2, 3)),
        )
        for item in range(number)
    )
    files: Files = {
        path: Exec(b"") if path.startswith("/usr") else "exec /usr/bin/p7"
        for item in packages
        for path in item.files
    }
    scene = Scene(
        *scene_of(Case(files, {"/usr/bin/p7": Use.EXECUTED}, (), packages=packages)),
        policy=Policy(Level.CLOSURE, (), (), NO_RULES, ""),
    )
    dependencies = CountingDependencies(
        Work(scene, Keeping(scene.rootfs, frozenset()), Conditions(scene, (), Opened()))
    )
    assert operated(scene, dependencies) == dict.fromkeys(
        (item.purl for item in packages), ImagePath("/usr/bin/p7")
    )
    assert dependencies.times == number


@pytest.mark.timeout(30)
def test_the_steps_within_a_family_are_bounded() -> None:
    number = 1000
    every = tuple(f"p{item}" for item in range(number))
    packages = tuple(
        package(Ecosystem.DEB, item, (f"/etc/init.d/{item}",), source="p@1", depends=every)
        for item in every
    )
    scene = Scene(
        *scene_of(Case({}, {}, (), packages=packages)),
        policy=Policy(Level.CLOSURE, (), (), NO_RULES, ""),
    )
    assert (
        operated(
            scene,
            Dependencies(
                Work(scene, Keeping(scene.rootfs, frozenset()), Conditions(scene, (), Opened()))
            ),
        )
        == {}
    )


def _chain(number: int) -> tuple[Package, ...]:
    return tuple(
        package(
            Ecosystem.PYPI,
            f"p{item}",
            (f"{SITE}/p{item}/__init__.py",),
            modules=(f"p{item}",),
            depends=(f"p{item + 1}",),
        )
        for item in range(number)
    )


def test_distributions_that_require_each_other_in_a_long_chain_are_all_kept() -> None:
    packages = _chain(3000)
    named: Files = {item.files[0]: f"NEXT = '{item.depends[0]}'".encode() for item in packages}
    case = _case({"/srv/app/main.py": b"import p0\n", **named})
    plan = plan_for(
        Case(case.files, case.used, (), packages=(*case.packages, *packages), run=case.run)
    )
    assert ImagePath(f"{SITE}/p2999/__init__.py") in plan.keep


@pytest.mark.timeout(30)
def test_a_module_without_an_owner_is_kept_once_however_many_import_it() -> None:
    own = {f"{SITE}/loose/m{number}.py": b"" for number in range(3000)}
    users = {f"/srv/app/u{number}.py": b"import loose\n" for number in range(3000)}
    case = _case({"/srv/app/main.py": b"import loose\n", **own, **users})
    keep = plan_for(case).keep
    assert all(ImagePath(path) in keep for path in own)


@pytest.mark.timeout(30)
def test_packages_that_all_provide_one_name_cost_no_more_than_their_number() -> None:
    number = 20_000
    packages = tuple(
        package(Ecosystem.DEB, f"p{item}", (), provides=("mail",)) for item in range(number)
    )
    scene = Scene(
        *scene_of(Case({}, {}, (), packages=packages)),
        policy=Policy(Level.CLOSURE, (), (), NO_RULES, ""),
    )
    found = Dependencies(
        Work(scene, Keeping(scene.rootfs, frozenset()), Conditions(scene, (), Opened()))
    ).providers[Ecosystem.DEB, "mail"]
    assert len(found) == number


def test_packages_that_add_to_each_others_trees_in_a_long_chain_are_all_kept() -> None:
    """Each depends on the one before and adds to its tree: nothing calls itself for the next
    one.
    """
    count = 3000
    files: Files = {
        "/usr/bin/t": elf(),
        **{f"/usr/share/t{number}/a": "" for number in range(count)},
        **{f"/usr/share/t{number}/b": "" for number in range(count)},
    }
    first = package(Ecosystem.DEB, "p", ("/usr/bin/t", "/usr/share/t0/a"))
    chain = [
        replace(
            package(
                Ecosystem.DEB,
                f"p{number}",
                (f"/usr/share/t{number}/b", f"/usr/share/t{number + 1}/a"),
            ),
            depends=(f"p{number - 1}" if number else "p",),
        )
        for number in range(count - 1)
    ]
    plan = plan_for(Case(files, {"/usr/bin/t": Use.EXECUTED}, (), packages=(first, *chain)))
    assert all(ImagePath(f"/usr/share/t{number}/b") in plan.keep for number in range(count - 1))


def test_the_steps_between_packages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_kinds, "MAX_STEPS", 3)
    files: Files = {"/usr/bin/t": elf(), **{f"/usr/share/d{number}/x": "" for number in range(9)}}
    data = tuple(
        package(Ecosystem.DEB, f"d{number}", (f"/usr/share/d{number}/x",), provides=("data",))
        for number in range(9)
    )
    tool = package(Ecosystem.DEB, "t", ("/usr/bin/t",), depends=("data",))
    plan = plan_for(Case(files, {"/usr/bin/t": Use.EXECUTED}, (), packages=(tool, *data)))
    assert sum(path.startswith("/usr/share/d") and path.endswith("/x") for path in plan.keep) < 4
