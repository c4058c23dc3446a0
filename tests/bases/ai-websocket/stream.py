#!/venv/bin/python
import asyncio

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve


async def tokens(socket: ServerConnection) -> None:
    for token in ("to", "ken", "s"):
        await socket.send(token)


async def main() -> None:
    async with serve(tokens, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            print("-".join([token async for token in client]))


asyncio.run(main())
