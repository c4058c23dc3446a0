"""Facts reach those who read their kind, at once and in order, and are not kept."""

import gc
import weakref
from dataclasses import dataclass

from careen.model.entry import Entry
from careen.plan.core.facts import Facts, OwnFile, OwnFiles
from tests.support.trees import tree


@dataclass(frozen=True)
class Said:
    """A fact of the test."""

    word: str


@dataclass(frozen=True)
class Other:
    """Another kind."""


def files(*paths: str) -> list[Entry]:
    rootfs = tree(dict.fromkeys(paths, ""))
    return [entry for entry in rootfs if entry.is_file]


def test_readers_get_their_kind_at_once_and_in_their_order() -> None:
    facts, heard = Facts(), list[str]()
    facts.on(Said, lambda fact: heard.append(f"first {fact.word}"))
    facts.on(Said, lambda fact: heard.append(f"second {fact.word}"))
    facts.post(Said("a"))
    facts.post(Other())
    assert heard == ["first a", "second a"]


def test_what_was_posted_is_not_kept() -> None:
    facts = Facts()
    facts.on(Said, lambda fact: len(fact.word))
    fact = Said("the text of an archive")
    gone = weakref.ref(fact)
    facts.post(fact)
    del fact
    gc.collect()
    assert gone() is None


def test_each_reader_takes_the_applications_files_once() -> None:
    facts = Facts()
    one, two = OwnFiles(facts), OwnFiles(facts)
    first, second = files("/app/a.py", "/app/b.py")
    facts.post(OwnFile(first))
    assert one.take() == [first]
    facts.post(OwnFile(second))
    assert one.take() == [second]
    assert one.take() == []
    assert two.take() == [first, second]
