"""Whatever speaks Anthropic's protocol."""

from collections.abc import AsyncIterator
from typing import Any


class Claude:
    async def stream(self, prompt: str, **_: Any) -> AsyncIterator[str]:
        from anthropic import AsyncAnthropic

        from relay.settings import settings

        client = AsyncAnthropic(base_url=settings.upstream, api_key="none", max_retries=0)
        async with client.messages.stream(
            model="any", max_tokens=50, messages=[{"role": "user", "content": prompt}]
        ) as stream:
            async for text in stream.text_stream:
                yield text
