"""A clock that strikes for ever."""

import asyncio
import signal


async def strike():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    while True:
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(strike())
