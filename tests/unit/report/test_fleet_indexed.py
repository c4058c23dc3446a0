"""What is said of signatures covers what was read, and nothing else."""

from careen.model.fleet.indexed import Indexed
from careen.report.fleet.indexed import indexed_lines


def lines(scanned: int, signer: str) -> list[str]:
    done = Indexed("fleet.db", 1, 0, 0, (), (), scanned, signer, 3, 0.0)
    return list(indexed_lines(done, quiet=False))


def test_what_the_store_had_before_is_not_called_signed() -> None:
    said = "signed by the key k: all that was read; not checked: what the store had before"
    assert said in lines(0, "the key k")
    assert f"{said}, and the scans of this run" in lines(1, "the key k")
    assert not any("signed" in line for line in lines(1, ""))
