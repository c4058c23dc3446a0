import pytest


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "order").write_text("tea")
    return tmp_path
