"""RBOM files: strict reading with the place in the message."""

import json
from dataclasses import replace
from typing import Any

import pytest

from careen.errors import ConfigError, InputError
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, MissedPath, RunKind, RuntimeBom
from careen.model.runs.trace import Phase, Use
from careen.rbom.merge import merge
from careen.rbom.store import read_rbom, write_rbom
from tests.support.boms import BOM, IMAGE, PYTHON


def document() -> Any:
    return json.loads(write_rbom(BOM))


def changed(path: tuple[str | int, ...], value: object) -> bytes:
    root = document()
    node = root
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return json.dumps(root).encode()


def test_written_and_read_again_it_is_the_same() -> None:
    assert read_rbom(write_rbom(BOM)) == BOM


def test_the_phase_of_the_health_check_is_kept_by_writing_and_by_merging() -> None:
    first, *others = BOM.files
    checked = replace(first.uses[0], phases=frozenset({Phase.HEALTH}))
    seen = replace(BOM, files=(replace(first, uses=(checked, *first.uses[1:])), *others))
    assert json.loads(write_rbom(seen))["files"][0]["uses"][0]["phases"] == ["health"]
    assert read_rbom(write_rbom(seen)) == seen
    use, *_ = merge([BOM, seen]).files[0].uses
    assert use.phases == first.uses[0].phases | {Phase.HEALTH}


def test_the_bytes_are_ascii_with_a_line_per_file() -> None:
    text = write_rbom(BOM).decode("ascii")
    assert sum(line.startswith('{"path":') for line in text.splitlines()) == len(BOM.files) + len(
        BOM.missed
    )


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("format",),
            "spdx",
            "format: expected 'careen.rbom', got 'spdx': not an rbom; `careen profile` writes one",
        ),
        (
            ("version",),
            2,
            (
                "version: this careen reads version 1, the rbom has 2; use the careen that wrote"
                " it, or profile the image again"
            ),
        ),
        (
            ("version",),
            True,
            (
                "version: this careen reads version 1, the rbom has True; use the careen that wrote"
                " it, or profile the image again"
            ),
        ),
        (
            ("image", "config_digest"),
            "md5:00",
            "image.config_digest: not a sha256 digest: 'md5:00'",
        ),
        (("image", "diff_ids"), "x", "image.diff_ids: expected an array, got 'x'"),
        (("extra",), 1, "rbom: unknown key 'extra'"),
        (
            ("files", 0, "uses", 0, "use"),
            "eaten",
            (
                "files[0].uses[0].use: expected one of executed, mapped, opened, written,"
                " listed, looked up, traversed, got 'eaten'"
            ),
        ),
        (
            ("files", 1, "uses", 0, "phases"),
            [],
            "files[1].uses[0].phases: expected at least one phase, got []",
        ),
        (
            ("files", 0, "uses", 0, "executable"),
            9,
            (
                "files[0].uses[0].executable: expected an index into executables, which has 2"
                " items, got 9"
            ),
        ),
        (
            ("files", 0, "uses", 0, "origin"),
            -1,
            "files[0].uses[0].origin: expected an integer that is not negative, got -1",
        ),
        (
            ("files", 0, "path"),
            "relative",
            "files[0].path: expected an absolute, normalised path, got 'relative'",
        ),
        (("files", 0, "path"), "/a/../b", "files[0].path: path leaves the image root: '/a/../b'"),
        (
            ("files", 1, "path"),
            "/zz",
            (
                "files[2].path: expected paths in ascending order, each once, got '/usr/lib' after"
                " '/zz'"
            ),
        ),
        (
            ("files", 0, "size"),
            1.5,
            "files[0].size: expected an integer that is not negative, got 1.5",
        ),
        (
            ("files", 0, "size"),
            True,
            "files[0].size: expected an integer that is not negative, got True",
        ),
        (
            ("files", 0, "sha256"),
            "AB",
            "files[0].sha256: expected 64 lower-case hex characters, got 'AB'",
        ),
        (
            ("files", 3, "packages", 0),
            2,
            "files[3].packages[0]: expected an index into packages, which has 2 items, got 2",
        ),
        (
            ("packages", 1, "purl"),
            "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13",
            "packages[1].purl: expected each purl once, got",
        ),
        (("packages", 0, "purl"), "libc6", "packages[0].purl: expected a package URL, got 'libc6'"),
        (
            ("runs", 0, "started"),
            "noon",
            "runs[0].started: expected a time as in RFC 3339 (2026-03-01T10:00:00Z), got 'noon'",
        ),
        (
            ("runs", 0, "started"),
            "2026-02-30T10:00:00Z",
            (
                "runs[0].started: expected a time as in RFC 3339 (2026-03-01T10:00:00Z), got"
                " '2026-02-30T"
            ),
        ),
        (
            ("runs", 0, "started"),
            "2026-03-01T10:00:00",
            (
                "runs[0].started: expected a time as in RFC 3339 (2026-03-01T10:00:00Z), got"
                " '2026-03-01T"
            ),
        ),
        (
            ("runs", 0, "seconds"),
            "fast",
            "runs[0].seconds: expected a number that is not negative, got 'fast'",
        ),
        (
            ("runs", 0, "sensor", "losses", "ring_full"),
            None,
            "runs[0].sensor.losses.ring_full: expected an integer that is not negative, got None",
        ),
        (
            ("runs", 0, "sensor", "kind"),
            "guess",
            "runs[0].sensor.kind: expected one of ebpf, fanotify, strace, got 'guess'",
        ),
        (
            ("runs", 0, "kind"),
            "guess",
            ("runs[0].kind: expected one of workload, exploration, attached, carried, got 'guess'"),
        ),
        (("runs", 0, "adequacy"), 1.01, "runs[0].adequacy: expected a share from 0 to 1, got 1.01"),
        (
            ("runs", 0, "adequacy"),
            None,
            "runs[0].adequacy: expected a number that is not negative, got None",
        ),
        (
            ("syscalls", "stop"),
            [],
            "syscalls.stop: expected one of start, serving, health, got 'stop'",
        ),
        (
            ("endpoints", 0, "port"),
            70000,
            "endpoints[0].port: expected a port from 0 to 65535, got 70000",
        ),
        (("missed", 0, "path"), "/a\0", "missed[0].path: path has a NUL byte: '/a\\x00'"),
        (
            ("outside",),
            1 << 70,
            "outside: expected an integer that is not negative, got 1180591620717411303424",
        ),
    ],
)
def test_a_wrong_value_is_named_by_its_place(
    path: tuple[str | int, ...], value: object, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_rbom(changed(path, value))
    assert str(caught.value).startswith(message)


def test_a_run_of_a_workload_reads_and_writes_as_before_there_were_other_kinds() -> None:
    assert {"kind", "adequacy"}.isdisjoint(document()["runs"][0])
    (run,) = read_rbom(json.dumps(document()).encode()).runs
    assert (run.kind, run.adequacy) == (RunKind.WORKLOAD, None)


def explored() -> RuntimeBom:
    """BOM, with an exploration that used one of its files as well, and one more of a package of its
    own.
    """
    use = FileUse(Use.OPENED, frozenset({Phase.SERVING}), PYTHON, "explore:http")
    libc = BOM.files[-1]
    tried = replace(
        libc, path=ImagePath("/usr/lib/tried"), packages=("pkg:pypi/tried@1",), uses=(use,)
    )
    return replace(
        BOM,
        runs=(
            *BOM.runs,
            replace(BOM.runs[0], workload="explore:http", kind=RunKind.EXPLORATION, adequacy=0.75),
        ),
        files=(*BOM.files[:-1], replace(libc, uses=(*libc.uses, use)), tried),
        missed=(
            *BOM.missed,
            MissedPath(ImagePath("/tried"), 2, frozenset({Phase.START}), "", "explore:http"),
        ),
        packages={**BOM.packages, "pkg:pypi/tried@1": ("tried", "1", "pypi")},
    )


def test_kinds_and_adequacy_are_kept_by_writing_and_by_merging() -> None:
    read = read_rbom(write_rbom(explored()))
    assert read == explored()
    assert {(run.workload, run.kind, run.adequacy) for run in merge([read, BOM]).runs} == {
        ("web", RunKind.WORKLOAD, None),
        ("explore:http", RunKind.EXPLORATION, 0.75),
    }


def test_what_exploration_alone_used_is_no_use_by_a_workload() -> None:
    assert explored().without_exploration() == BOM
    assert BOM.without_exploration() is BOM


def test_attached_and_carried_runs_are_work() -> None:
    for kind in (RunKind.ATTACHED, RunKind.CARRIED):
        bom = replace(BOM, runs=(replace(BOM.runs[0], kind=kind),))
        assert bom.without_exploration() == bom


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((RunKind.WORKLOAD,), True),
        ((RunKind.ATTACHED,), False),
        ((RunKind.CARRIED, RunKind.ATTACHED), False),
        ((RunKind.ATTACHED, RunKind.EXPLORATION), True),
        ((), False),
    ],
)
def test_only_a_container_that_careen_started_was_seen_from_its_start(
    kinds: tuple[RunKind, ...], expected: bool
) -> None:
    assert (
        replace(BOM, runs=tuple(replace(BOM.runs[0], kind=kind) for kind in kinds)).saw_start
        is expected
    )


def test_one_name_for_an_exploration_and_a_workload_is_refused() -> None:
    tried = replace(BOM, runs=(replace(BOM.runs[0], kind=RunKind.EXPLORATION),))
    with pytest.raises(
        InputError,
        match=(
            "merging rboms: 'web' names an exploration in one and a run of another kind in another"
        ),
    ):
        merge([BOM, tried])
    both = write_rbom(replace(BOM, runs=(*BOM.runs, *tried.runs)))
    with pytest.raises(
        ConfigError, match="runs: 'web' names an exploration and a run of another kind"
    ):
        read_rbom(both)


@pytest.mark.parametrize("name", sorted(json.loads(write_rbom(BOM))))
def test_every_member_is_needed(name: str) -> None:
    root = document()
    del root[name]
    with pytest.raises(ConfigError, match=name):
        read_rbom(json.dumps(root).encode())


def test_a_file_without_its_hash_is_refused_and_so_is_a_link_with_one() -> None:
    root = document()
    del root["files"][0]["sha256"]
    with pytest.raises(
        ConfigError, match=r"files\[0\]: expected sha256 and size for a file, and for nothing else"
    ):
        read_rbom(json.dumps(root).encode())
    with pytest.raises(ConfigError, match=r"files\[1\]: expected sha256 and size"):
        read_rbom(changed(("files", 1, "sha256"), "a" * 64))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "rbom: not valid JSON"),
        (b"\xff\xfe\xff", "rbom: not valid JSON"),
        (b"[" * 200_000, "rbom: JSON nested deeper than 200 levels"),
        (
            b'{"format":"careen.rbom","format":"careen.rbom"}',
            "rbom: not valid JSON: key 'format' occurs twice",
        ),
        (b'{"version":NaN}', "rbom: not valid JSON: NaN is not JSON"),
        (b"9" * 5000, "rbom: not valid JSON"),
        (b"[]", "format: expected 'careen.rbom', got 'list'"),
        (b'{"format":"careen.rbom","version":1}', "rbom: key 'endpoints' is missing"),
    ],
)
def test_what_is_no_rbom_is_one_clear_line(data: bytes, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_rbom(data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_rboms_of_two_images_do_not_merge_and_the_message_names_both() -> None:
    other = replace(
        BOM, image=replace(IMAGE, reference="other:2", config_digest=f"sha256:{'9' * 64}")
    )
    with pytest.raises(InputError) as caught:
        merge([BOM, other])
    for part in ("'wl/app:1'", "'other:2'", IMAGE.config_digest, "9" * 64):
        assert part in str(caught.value)


def test_one_image_under_two_references_merges() -> None:
    archive = replace(
        BOM, image=replace(IMAGE, reference="docker-archive:a.tar", manifest_digest=None)
    )
    joined = merge([BOM, archive])
    assert joined.image == replace(IMAGE, reference="docker-archive:a.tar")
    assert joined.runs == BOM.runs


def test_a_file_that_differs_does_not_merge() -> None:
    other = replace(BOM, files=(replace(BOM.files[0], sha256="0" * 64),))
    with pytest.raises(
        InputError, match="differs between them though the image is said to be the same"
    ):
        merge([BOM, other])


def test_merging_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="none given"):
        merge([])


def test_a_use_that_equals_another_but_for_a_type_is_refused() -> None:
    root = document()
    use = {**root["files"][0]["uses"][0], "executable": 1}
    root["files"][0]["uses"] = [use, {**use, "executable": True}]
    with pytest.raises(ConfigError, match=r"files\[0\]\.uses\[1\]\.executable: expected .* True"):
        read_rbom(json.dumps(root).encode())


def test_a_purl_that_is_longer_than_others_take_is_one() -> None:
    root = document()
    root["packages"][0]["purl"] = f"pkg:pypi/{'a' * 5000}@1"
    assert f"pkg:pypi/{'a' * 5000}@1" in read_rbom(json.dumps(root).encode()).packages
