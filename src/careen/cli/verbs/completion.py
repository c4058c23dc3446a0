"""`careen completion`: the completion script of a shell."""

import click

SHELLS = ("bash", "zsh", "fish")


@click.command
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print a script that completes verbs, options and files of careen in a shell.

    \b
    careen completion bash > ~/.local/share/bash-completion/completions/careen
    careen completion zsh > ~/.zfunc/_careen
    careen completion fish > ~/.config/fish/completions/careen.fish
    """
    from click.shell_completion import get_completion_class

    from careen.cli.main import group

    kind = get_completion_class(shell)
    if kind is not None:  # click has a class for each of SHELLS
        click.echo(kind(group, {}, "careen", "_CAREEN_COMPLETE").source())
    return 0
