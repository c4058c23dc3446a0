"""The ledger: each kind and subject once, counts, and bounds."""

from careen.drift.compare import Seen
from careen.drift.ledger import KEYS, Ledger
from careen.model.runs.drift import Deviation, DriftKind


def seen(subject: str, key: bytes = b"", kind: DriftKind = DriftKind.EXECUTABLE) -> Seen:
    return Seen(Deviation(kind, subject, "/bin/a", 1, 0.0, "fix"), key)


def told(ledger: Ledger, *all_seen: Seen) -> list[str]:
    return [each.subject for each in ledger.add(all_seen)]


def test_a_subject_is_told_once_and_counted_by_all_its_keys() -> None:
    ledger = Ledger({})
    assert told(ledger, seen("/a", b"1"), seen("/a", b"2"), seen("/b", b"3")) == ["/a", "/b"]
    assert told(ledger, seen("/a", b"1")) == []
    ledger.settle({b"1": 5, b"2": 2, b"other": 100}, {})
    ledger.settle({b"1": 3}, {})
    counted = {each.deviation.subject: each.count for each in ledger.as_drift().counted}
    assert counted == {"/a": 10, "/b": None}


def test_the_same_subject_of_another_kind_is_another() -> None:
    ledger = Ledger({})
    assert told(ledger, seen("x"), seen("x", kind=DriftKind.SYSCALL)) == ["x", "x"]


def test_the_mapping_of_an_unknown_program_is_not_told_again() -> None:
    ledger = Ledger({})
    assert told(ledger, seen("/a"), seen("/a", kind=DriftKind.LIBRARY)) == ["/a"]


def test_a_container_that_makes_subjects_without_end_is_counted() -> None:
    ledger = Ledger({}, subjects=3)
    assert told(ledger, *(seen(f"/{number}") for number in range(10))) == ["/0", "/1", "/2"]
    drift = ledger.as_drift()
    assert len(drift.counted) == 3
    assert drift.unlisted == {DriftKind.EXECUTABLE: 7}
    assert drift.seen


def test_keys_are_bounded_and_what_is_not_counted_has_no_count() -> None:
    ledger = Ledger({}, subjects=2)
    for number in range(KEYS + 1):
        told(ledger, seen("/a", b"%d" % number))
    told(ledger, seen("/b", b"one more"))
    ledger.settle({b"0": 1}, {})
    assert [each.count for each in ledger.as_drift().counted] == [None, None]


def test_losses_are_told_when_there_are_more() -> None:
    ledger = Ledger({})
    assert ledger.settle({}, {"ring_full": 0}) == 0
    assert ledger.settle({}, {"ring_full": 2}) == 2
    assert ledger.settle({}, {"ring_full": 2, "names_full": 1}) == 1
    assert ledger.as_drift().lost == 3
    assert not ledger.as_drift().seen
