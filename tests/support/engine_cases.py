"""The engines as parameters of a test that profiles, each with what it needs."""

import pytest

ENGINES = [
    pytest.param("docker", marks=[pytest.mark.docker, pytest.mark.root, pytest.mark.bpf]),
    pytest.param("podman", marks=[pytest.mark.podman, pytest.mark.root, pytest.mark.bpf]),
    pytest.param("embedded", marks=[pytest.mark.runc, pytest.mark.root, pytest.mark.bpf]),
]
