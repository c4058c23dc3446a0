"""Terminal view of `careen comply --list`."""

from rich.console import Console

from careen.model.compliance.catalogue import Catalogue
from careen.report.terminal_output.tables import section, table

_HEAD = ("framework", "content", "items", "checked", "inherited", "manual", "n/a")


def print_catalogue(console: Console, listed: Catalogue) -> None:
    """Print the frameworks with how many of their items checks decide, then all checks."""
    rows = [
        (
            *(each.id, each.content, str(each.items), str(each.automated), str(each.inherited)),
            *(str(each.manual), str(each.not_applicable)),
        )
        for each in listed.frameworks
    ]
    right = range(2, len(_HEAD))
    section(console, "Frameworks", table(rows, right=right, head=_HEAD, fill=1))
    checks = [(each.id, each.title, each.reads) for each in listed.checks]
    section(console, "Checks", table(checks, head=("check", "passes if", "reads"), fill=(1, 2)))
