import pytest


@pytest.fixture
def deep():
    return {"a": [1, 2]}
