"""relay: the operators' command."""

import asyncio
import sys
from typing import Literal

from cyclopts import App

app = App(name="relay", version="1.4.0")


@app.command
def ask(prompt: str, *, provider: str = "echo", colour: Literal["auto", "never"] = "auto") -> None:
    """Ask a provider.

    Parameters
    ----------
    prompt
        The question.
    provider
        Who answers.
    """
    from importlib.metadata import entry_points

    async def told() -> None:
        maker = entry_points(group="relay.providers")[provider].load()
        async for part in maker().stream(prompt):
            sys.stdout.write(part)
        print()

    asyncio.run(told())


@app.command
def enqueue(task: str, text: str) -> None:
    """Give the workers a task."""
    import relay.jobs as jobs

    async def given() -> None:
        await jobs.broker.startup()
        await asyncio.sleep(1)
        await getattr(jobs, task).kiq(text)
        await asyncio.sleep(1)
        await jobs.broker.shutdown()

    asyncio.run(given())


@app.command
def show(name: str) -> None:
    """Print a setting."""
    from relay.settings import settings

    print(settings.get(name))


if __name__ == "__main__":
    app()
