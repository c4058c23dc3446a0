"""`careen help`: the help of careen or of a verb."""

import click


@click.command
@click.argument("verb", required=False)
@click.argument("below", required=False)
@click.pass_context
def command(ctx: click.Context, verb: str | None, below: str | None) -> int:
    """Print the help of a verb, of a verb below it, or of careen.

    \b
    careen help harden
    careen help db update
    """
    context = ctx.parent or ctx
    for word in filter(None, (verb, below)):
        found = context.command
        if not isinstance(found, click.Group):
            msg = f"{context.info_name} has no verbs below it"
            raise click.UsageError(msg, context)
        name, below_it, _ = found.resolve_command(context, [word])
        if below_it is not None:  # an unknown name raises
            context = click.Context(below_it, info_name=name, parent=context)
    click.echo(context.get_help())
    return 0
