"""The command line: `speech COMMAND`; each command imports what it needs."""

import json
import sys
from pathlib import Path

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=True)


@app.command()
def serve(host: str = "0.0.0.0", port: int = 8500, workers: int = 1) -> None:
    """Serve over HTTP."""
    import uvicorn

    uvicorn.run("speech.api:app", host=host, port=port, workers=workers)


@app.command()
def hear(path: Path, engine: str = "faster", decoder: str = "av") -> None:
    """Print what is said in a file."""
    import importlib

    from rich.console import Console
    from rich.table import Table

    samples, _ = importlib.import_module(f"speech.sounds.{decoder}").read(path.read_bytes())
    table = Table("file", "text", title="heard")
    table.add_row(path.name, importlib.import_module(f"speech.engines.{engine}").transcribe(samples.astype("float32")))
    Console(width=60).print(table)


@app.command()
def say(words: str, out: Path, language: str = "en") -> None:
    """Speak words into a file."""
    import subprocess

    subprocess.run(["espeak-ng", "-v", language, "-w", str(out), words], check=True)


@app.command()
def models() -> None:
    """List the models as JSON."""
    from speech.settings import settings

    json.dump(sorted(item.name for item in settings.models.iterdir()), sys.stdout)


@app.command()
def quantise(source: Path, target: Path, form: str = "onnx") -> None:
    """Make a model smaller."""
    if form == "onnx":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(source, target, weight_type=QuantType.QUInt8)
    else:
        from ctranslate2.converters import TransformersConverter

        TransformersConverter(str(source)).convert(str(target), quantization=form, force=True)
    typer.secho(f"wrote {target.name}", fg=typer.colors.GREEN)


@app.command()
def broken(deep: int = 3) -> None:
    """Fail as a program does."""
    if deep:
        broken(deep - 1)
    numbers = {"a": [1, 2]}
    print(numbers["b"])


if __name__ == "__main__":
    app()
