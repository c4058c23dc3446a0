from pathlib import Path

PLACE = "/opt/front-texts"


def work(name="late"):
    return Path(PLACE, f"{name}.txt").read_text()
