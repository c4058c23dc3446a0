import argparse
import os
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--model")
name = parser.parse_args().model
labels = (Path(os.environ["MODEL_DIR"]) / f"{name}.txt").read_text().split()
print(f"{name}: {len(labels)} labels in batches of {os.environ['BATCH']}")
