"""coder TOOL [KEY=VALUE …], coder merge OURS THEIRS"""
import json
import sys
from pathlib import Path

from coder import load


def main():
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        print(__doc__, *load.settings())
        return
    if words[0] == "merge":
        ours, theirs = (Path(word) for word in words[1:3])
        ours.write_text(f"{int(ours.read_text()) + int(theirs.read_text())}\n")
        return
    try:
        print(json.dumps(load.tool(words[0])(**dict(word.split("=", 1) for word in words[1:])), ensure_ascii=False))
    except KeyError as error:
        sys.exit(f"coder: no tool {error}")
