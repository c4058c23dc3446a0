"""Small images to plan: ELF files made by hand, packages, and a plan for one case."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.rbom import FileUse, ImageRef, Run, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Use
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.rules import RuleSet
from careen.plan.decide import Policy, decide
from tests.support.trees import Exec, Link, tree

NO_RULES = RuleSet(())
Files = Mapping[str, bytes | str | Link | None]


def elf(
    needed: tuple[str, ...] = (),
    *,
    interpreter: str = "",
    runpath: str = "",
    rpath: str = "",
    text: bytes = b"",
    machine: int = 62,
    leftovers: tuple[str, ...] = (),
    needs: tuple[str, str] | None = None,
    defines: str = "",
) -> Exec:
    """A little-endian 64-bit shared object with a dynamic section, and `text` in its bytes;
    `leftovers` lie in its dynamic string table, unused. `needs` is a symbol version that it needs,
    with the library; `defines` one that it defines.
    """
    strings = b"\0"
    tags: list[tuple[int, int]] = []
    for tag, values in (
        (1, needed),
        (29, (runpath,) if runpath else ()),
        (15, (rpath,) if rpath else ()),
    ):
        for value in values:
            tags.append((tag, len(strings)))
            strings += value.encode() + b"\0"
    strings += b"".join(item.encode() + b"\0" for item in leftovers)
    table, kind = b"", 0
    if needs is not None:
        table, kind = (
            struct.pack(
                "<HHIIIIHHII",
                1,
                1,
                len(strings),
                16,
                0,
                0,
                0,
                2,
                len(strings) + len(needs[0]) + 1,
                0,
            ),
            0x6FFFFFFE,
        )
        strings += "\0".join((*needs, "")).encode()
    elif defines:
        table, kind = struct.pack("<HHHHIIIII", 1, 0, 2, 1, 0, 20, 0, len(strings), 0), 0x6FFFFFFC
        strings += f"{defines}\0".encode()
    base = 64 + 3 * 56
    interp = table + interpreter.encode() + b"\0"
    tags += [(kind, base + len(strings))] if table else []
    tags += [(5, base), (10, len(strings)), (0, 0)]
    dynamic = b"".join(struct.pack("<qQ", *item) for item in tags)
    at_interp, at_dynamic = base + len(strings), base + len(strings) + len(interp)
    total = at_dynamic + len(dynamic) + len(text)
    segments = [
        (1, 0, total),
        (2, at_dynamic, len(dynamic)),
        (3, at_interp + len(table), len(interp) - len(table)),
    ][: 3 if interpreter else 2]
    header = (
        b"\x7fELF\x02\x01\x01"
        + b"\0" * 9
        + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, len(segments), 64, 0, 0)
    )
    table = b"".join(
        struct.pack("<IIQQQQQQ", kind, 4, at, at, at, size, size, 8) for kind, at, size in segments
    )
    return Exec((header + table).ljust(base, b"\0") + strings + interp + dynamic + text)


def static_program(word: bytes) -> Exec:
    """An x86-64 program whose code loads the address and the length of a string, between others
    without an end of their own, as Go's compiler writes it.
    """
    code = b"\x48\x8d\x05" + struct.pack("<i", 5 + 3) + b"\xbb" + struct.pack("<I", len(word))
    content = code + b"get" + word + b"gotos/exec.Command"
    header = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    )
    return Exec(
        header
        + struct.pack("<IIQQQQQQ", 1, 5, 120, 0x400078, 0, len(content), len(content), 8)
        + content
    )


def package(kind: Ecosystem, name: str, files: tuple[str, ...], **more: object) -> Package:
    record = (
        f"/site/{name}-1.dist-info/RECORD" if kind is Ecosystem.PYPI else "/var/lib/dpkg/status"
    )
    paths = tuple(ImagePath(path) for path in files)
    return Package(kind, name, "1", f"pkg:{kind.value}/{name}@1", ImagePath(record), paths, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """`kept` must stay and `gone` must go at `level`; `without` are rules of the negative, in which
    `kept` goes.
    """

    files: Files
    used: Mapping[str, Use]
    kept: tuple[str, ...]
    gone: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    level: Level = Level.CLOSURE
    run: Mapping[str, object] = field(default_factory=dict)
    rules: RuleSet = NO_RULES


def scene_of(
    case: Case, evidence: frozenset[Use] = frozenset(Use), lost: int = 0
) -> tuple[Rootfs, Inventory, RuntimeBom, ImageConfig]:
    """The four inputs of a decision."""
    sensor = SensorInfo(SensorKind.EBPF, "6.8", "x86_64", (), evidence, {"ring": lost})
    run = Run("default", (), "2026-01-01T00:00:00Z", 1.0, (), "tests", sensor, "docker")
    used = tuple(
        UsedFile(
            ImagePath(path),
            "file",
            "",
            0,
            "",
            (),
            (FileUse(use, frozenset({Phase.SERVING}), "/bin/x", "default"),),
        )
        for path, use in case.used.items()
    )
    bom = RuntimeBom(
        ImageRef("img", None, "sha256:" + "0" * 64, (), "linux/amd64"), (run,), used, (), {}, (), {}
    )
    owners: dict[ImagePath, tuple[str, ...]] = {}
    for item in case.packages:
        for path in item.files:
            owners[path] = (*owners.get(path, ()), item.purl)
    inventory = Inventory({item.purl: item for item in case.packages}, owners)
    return (
        tree(case.files),
        inventory,
        bom,
        ImageConfig(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": dict(case.run),
                "rootfs": {"diff_ids": []},
            }
        ),
    )


def plan_for(
    case: Case,
    level: Level | None = None,
    rules: RuleSet | None = None,
    keep: tuple[str, ...] = (),
    remove: tuple[str, ...] = (),
) -> Plan:
    """Decide one case."""
    rootfs, inventory, bom, config = scene_of(case)
    return decide(
        rootfs,
        inventory,
        bom,
        config,
        Policy(level or case.level, keep, remove, case.rules if rules is None else rules, "a" * 64),
    )
