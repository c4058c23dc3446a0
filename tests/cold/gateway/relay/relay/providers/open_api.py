"""Whatever speaks OpenAI's protocol."""

from collections.abc import AsyncIterator
from typing import Any


class OpenApi:
    async def stream(self, prompt: str, **more: Any) -> AsyncIterator[str]:
        from openai import AsyncOpenAI

        from relay.settings import settings

        client = AsyncOpenAI(base_url=settings.upstream + "/v1", api_key="none", max_retries=0)
        messages: list[Any] = [{"role": "user", "content": prompt}]
        if more.get("whole"):
            whole = await client.chat.completions.create(model="any", messages=messages)
            yield whole.choices[0].message.content or ""
            return
        async for part in await client.chat.completions.create(
            model="any", messages=messages, stream=True
        ):
            yield part.choices[0].delta.content or ""
