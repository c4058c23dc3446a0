"""Any server of events: HTTP/1.1 or HTTP/2, compressed or not, through a proxy or not."""

from collections.abc import AsyncIterator
from typing import Any


class Plain:
    async def stream(self, prompt: str, **more: Any) -> AsyncIterator[str]:
        import httpx
        import httpx_sse

        from relay.settings import settings

        async with httpx.AsyncClient(
            http2=bool(more.get("http2")),
            verify=more.get("verify", True),
            proxy=more.get("proxy"),
            timeout=float(more.get("timeout", 20)),
            cookies={"a": "b"},
            follow_redirects=True,
        ) as client:
            url = (more.get("url") or settings.upstream) + more.get("path", "/events")
            headers = {"accept-encoding": more.get("encoding", "identity")}
            if more.get("whole"):
                reply = await client.post(url, json={"prompt": prompt}, headers=headers)
                reply.raise_for_status()
                yield f"{reply.http_version} {reply.headers.get('content-encoding')} {reply.text}"
                return
            async with httpx_sse.aconnect_sse(
                client, "POST", url, json={"prompt": prompt}, headers=headers
            ) as source:
                async for event in source.aiter_sse():
                    yield event.data
