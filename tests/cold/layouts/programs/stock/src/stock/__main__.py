import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main():
    shelf = json.loads((HERE / "shelf.json").read_text())
    for name in sys.argv[1:]:
        __import__(f"stock.{name}")
        print(name, sys.modules[f"stock.{name}"].check(shelf))


if __name__ == "__main__":
    main()
