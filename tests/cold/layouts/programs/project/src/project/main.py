import asyncio
import sys

from boltons import tableutils


async def ask():
    import httpx

    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=f"asked for {request.url.path}"))
    async with httpx.AsyncClient(transport=transport) as client:
        return (await client.get("http://desk/orders")).text


def main():
    print(tableutils.Table([sys.argv[1:]], headers=["a", "b"]).to_text())
    print(asyncio.run(ask()))
