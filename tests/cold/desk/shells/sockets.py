import asyncio
import json

import websockets


async def talk() -> None:
    async with websockets.connect("ws://127.0.0.1:8020/ws/chat/tea/", proxy=None) as one, websockets.connect("ws://127.0.0.1:8020/ws/chat/tea/", proxy=None) as two:
        await one.send(json.dumps({"text": "tea"}))
        print(await asyncio.wait_for(two.recv(), 20))
    try:
        async with websockets.connect("ws://127.0.0.1:8020/ws/none/", proxy=None):
            pass
    except Exception as error:
        print(type(error).__name__)


asyncio.run(talk())
