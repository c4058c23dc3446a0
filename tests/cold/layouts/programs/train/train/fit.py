from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser

parser = ArgumentParser(default_config_files=[str(Path(__file__).parent / "fit.yaml")])
parser.add_argument("--config", action="config")
parser.add_argument("--model", type=Any)
parser.add_subclass_arguments(__import__("train.parts.large", fromlist=["Large"]).Large, "net", required=False)
parser.add_argument("--sink", type=__import__("logging").Handler)
if __name__ == "__main__":
    given = parser.instantiate(parser.parse_args())
    print(given.net.describe(), type(given.sink).__name__)
