"""`--network none`: a workload that docker gives no way out is tested through its published port
all the same.
"""

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen

FETCH = "curl -fsS $BASE_URL/file/app/current/settings.txt | grep -q teal"


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.bpf
def test_a_service_of_docker_without_a_network_is_reached_by_its_tests(
    in_docker: Service, careen: Careen
) -> None:
    mode = "docker inspect --format '{{.HostConfig.NetworkMode}}' $CAREEN_CONTAINER | grep -qx "
    words = (
        "profile",
        in_docker.name("original"),
        "--engine",
        "docker",
        "-o",
        "rbom.json",
        "--test",
        FETCH,
    )
    careen(*words, "--test", f"{mode} none", "--network", "none")
    careen(*words, "--test", f"{mode} -E 'default|bridge'")
