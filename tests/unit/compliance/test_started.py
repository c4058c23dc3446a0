"""A server that the image starts is its workload, also behind an init or a start script."""

from pathlib import Path
from typing import Any

import pytest

from careen.compliance.started import started_by
from careen.model.compliance.result import Result
from tests.support.compliance import CONFIG, program, results, subject
from tests.support.images import file

SCRIPT = '#!/bin/sh\nset -e\n[ "${1#-}" = "$1" ] || set -- nginx "$@"\nexec "$@"\n'
MEMBERS = (
    file("usr/local/bin/docker-entrypoint.sh", SCRIPT, mode=0o755),
    file("usr/local/bin/deaf.sh", "#!/bin/sh\nexec app\n", mode=0o755),
    file("usr/bin/tini", program(), mode=0o755),
    file("usr/sbin/nginx", program(), mode=0o755),
)


@pytest.mark.parametrize(
    ("entrypoint", "cmd", "names"),
    [
        ([], ["nginx", "-g", "daemon off;"], ("nginx",)),
        (["/usr/local/bin/docker-entrypoint.sh"], ["nginx"], ("docker-entrypoint.sh", "nginx")),
        (["docker-entrypoint.sh", "nginx"], ["-v"], ("docker-entrypoint.sh", "nginx")),
        (["tini", "-p", "SIGTERM", "-g", "--", "nginx"], [], ("tini", "nginx")),
        (
            ["tini", "--", "docker-entrypoint.sh"],
            ["nginx"],
            ("tini", "docker-entrypoint.sh", "nginx"),
        ),
        (["deaf.sh"], ["nginx"], ("deaf.sh",)),
        (["/missing.sh"], ["nginx"], ("missing.sh",)),
        (["docker-entrypoint.sh"] * 20, [], ("docker-entrypoint.sh",) * 8),
        ([], [], ()),
    ],
)
def test_programs_that_the_image_starts(
    tmp_path: Path, entrypoint: list[str], cmd: list[str], names: tuple[str, ...]
) -> None:
    config = {**CONFIG, "Entrypoint": entrypoint, "Cmd": cmd}
    with subject(tmp_path, *MEMBERS, config=config) as image:
        assert started_by(image) == names


@pytest.mark.parametrize(
    ("config", "result", "reason"),
    [
        ({"Cmd": ["nginx"]}, Result.MANUAL, "the image starts nginx itself: it is its workload"),
        (
            {"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["nginx"]},
            Result.MANUAL,
            "the image starts nginx itself, by docker-entrypoint.sh: it is its workload",
        ),
        (
            {"Entrypoint": ["deaf.sh"], "Cmd": ["nginx"]},
            Result.FAIL,
            "1 packages and programs of this kind are in the image",
        ),
    ],
)
def test_a_server_that_is_the_workload_is_for_a_person(
    tmp_path: Path, config: dict[str, Any], result: Result, reason: str
) -> None:
    with subject(tmp_path, *MEMBERS, config={**CONFIG, "Entrypoint": [], **config}) as image:
        found = results(image)["no-web-server"]
    assert (found.result, found.reason) == (result, reason)
