"""The peak of a container's memory, without the files that the kernel keeps for it."""

from pathlib import Path

import pytest

from careen.engines import cgroups

V2 = "anon 1000\nfile 900\ninactive_anon 10\nactive_file 300\ninactive_file 500\n"
V1 = "cache 900\nactive_file 1\ninactive_file 2\ntotal_active_file 300\ntotal_inactive_file 500\n"


@pytest.mark.parametrize(
    ("name", "statistics", "peak"),
    [
        ("memory.peak", V2, 4200),
        ("memory.max_usage_in_bytes", V1, 4200),
        ("memory.peak", None, 5000),
        ("memory.peak", "active_file many\n", 5000),
        ("memory.peak", "active_file 9000\n", 0),
    ],
)
def test_pages_of_files_do_not_count(
    name: str, statistics: str | None, peak: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = tmp_path / cgroups.PARENT / "abc"
    group.mkdir(parents=True)
    (tmp_path / "cgroup.controllers").write_text("memory\n")
    (group / name).write_text("5000\n")
    if statistics is not None:
        (group / "memory.stat").write_text(statistics)
    monkeypatch.setattr(cgroups, "HIERARCHIES", tmp_path)
    monkeypatch.setattr(cgroups, "hierarchies", lambda: [tmp_path])
    assert cgroups.memory_peak("abc") == peak
