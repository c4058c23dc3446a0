"""A container that says what it is told to: for tests of what drives a program whose real words are
known.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from careen.model.runs.engine import CommandResult
from tests.support.watched import DockerContainer

Answer = Callable[[tuple[str, ...]], tuple[int | None, str]]


class ToldContainer(DockerContainer):
    """As much of a container as a patcher uses. `answer` returns the status and the output of a
    command; `asked` are all commands in order.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__("ab" * 32)
        self.answer = answer
        self.asked: list[tuple[str, ...]] = []
        self.environments: list[Mapping[str, str]] = []

    def exec(
        self,
        argv: tuple[str, ...],
        timeout: float,  # noqa: ARG002
        *,
        env: Mapping[str, str] | None = None,
    ) -> CommandResult:
        self.asked.append(argv)
        self.environments.append(env or {})
        return CommandResult(*self.answer(argv))

    def changes(self, destination: Path) -> None:
        raise NotImplementedError(destination)

    def remove(self) -> None:
        """Nothing runs in it."""
