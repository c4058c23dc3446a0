"""Answers with the question."""

from collections.abc import AsyncIterator


class Echo:
    async def stream(self, prompt: str, **_: object) -> AsyncIterator[str]:
        for word in prompt.split():
            yield word + " "
