"""The command `assistant`."""

import rich_click as click


@click.group()
def main() -> None:
    """Ask the assistant."""


@main.command()
@click.option("--text", default="tea", help="What to **say**.")
def say(text: str) -> None:
    """Say something."""
    from rich.console import Console
    from rich.markdown import Markdown

    Console(width=60).print(Markdown(f"# {text}\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"))


@main.command()
def screen() -> None:
    """Show the screen once, without a terminal."""
    import asyncio

    from textual.app import App
    from textual.widgets import Button, DataTable, Header, Input, Markdown, TextArea, Tree

    class Screen(App):
        def compose(self):
            yield Header()
            yield Input()
            yield Button("go")
            yield DataTable()
            yield Markdown("# tea")
            yield TextArea("print(1)", language="python")
            yield Tree("root")

    async def shown() -> None:
        application = Screen()
        async with application.run_test() as pilot:
            await pilot.press("tab", "tab")
            print(len(list(application.query("*"))) > 10, application.export_screenshot()[:4])

    asyncio.run(shown())


@main.command()
def office() -> None:
    """Do the office's chores."""
    from assistant.office import chores

    print(chores())
