"""What the originals answered, kept from run to run: an original is asked again only if its image,
the case, or a file that the case reads has changed.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from careen.tools.process import check
from tests.cold.ask import Answer
from tests.cold.subject import Case, Subject
from tests.cold.turn import in_turn


class Memory:
    """Answers of one image, in a file below `folder` that is written after each new one."""

    def __init__(self, folder: Path, subject: Subject, image: str) -> None:
        identity = check(
            ["docker", "image", "inspect", "-f", "{{.Id}}", image],
            timeout=60,
            doing=f"asking for the identity of {image}",
        ).text.strip()
        self._subject = subject
        self._path = folder / f"{subject.name}-{identity.removeprefix('sha256:')[:16]}.json"
        folder.mkdir(parents=True, exist_ok=True)
        with in_turn(folder):
            self._answers = self._kept()

    def recall(self, case: Case) -> Answer | None:
        """Return the answer of an earlier run to the same case, or None."""
        found = self._answers.get(self._key(case))
        return None if found is None else Answer(*found)  # type: ignore[arg-type]

    def keep(self, case: Case, answer: Answer) -> None:
        """Remember an answer."""
        with in_turn(self._path.parent):
            self._answers = {**self._kept(), self._key(case): [answer.status, answer.text]}
            self._path.write_text(json.dumps(self._answers, indent=1) + "\n", encoding="utf-8")

    def _kept(self) -> dict[str, list[int | str | None]]:
        """Return what this and other processes have written."""
        if not self._path.exists():
            return {}
        kept: dict[str, list[int | str | None]] = json.loads(self._path.read_text(encoding="utf-8"))
        return kept

    def _key(self, case: Case) -> str:
        """The case, with the content of each file of the corpus that its words or options name.

        Its time limit is no part of it: an answer that came in time is right for every limit.
        """
        asked = replace(case, timeout=0.0)
        digest = hashlib.sha256(repr((asked, self._subject.args, self._subject.options)).encode())
        text = " ".join((case.stdin, *case.words, *case.options))
        for path in sorted(
            {*self._subject.folder.iterdir(), *(self._subject.folder.parent / "probes").glob("*")}
        ):
            if path.is_file() and path.name in text:
                digest.update(path.read_bytes())
        return digest.hexdigest()
