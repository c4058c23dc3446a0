import typer

app = typer.Typer()


@app.command()
def total(prices: list[float], tip: float = 0.1):
    """Add prices."""
    print(round(sum(prices) * (1 + tip), 2))


@app.command()
def split(price: float, by: int = 2):
    """Split a price."""
    print(price / by)
