import sys


def main():
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.table import Table

    console = Console(width=40, force_terminal=False)
    table = Table("card", "suit")
    for word in sys.argv[1:]:
        table.add_row(word, ":heart_suit:")
    console.print(table)
    console.print(Markdown("# A card\n\n```python\nprint(1)\n```"))
    from rich.traceback import Traceback

    try:
        1 / 0
    except ZeroDivisionError:
        console.print(Traceback(show_locals=False).trace.stacks[0].exc_type)
