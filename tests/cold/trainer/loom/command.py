"""The command: one job of an area, or the service."""

import argparse
import json
import os
import signal
import sys
import time


def main() -> int:
    parser = argparse.ArgumentParser(prog="loom", description="Small language models: tuned, measured, converted, served.")
    parser.add_argument("--quiet", action="store_true", help="no warnings of libraries")
    commands = parser.add_subparsers(dest="command", required=True)
    do = commands.add_parser("do", help="one job: AREA JOB [NAME=VALUE ...]")
    do.add_argument("area")
    do.add_argument("job")
    do.add_argument("values", nargs="*")
    serve = commands.add_parser("serve", help="the service")
    serve.add_argument("--port", type=int, default=int(os.environ.get("LOOM_PORT", "8600")))
    night = commands.add_parser("night", help="train until told to stop, with a checkpoint at the end")
    night.add_argument("--out", default="/tmp/night")
    night.add_argument("--steps", type=int, default=1000)
    given = parser.parse_args()
    if given.quiet:
        import warnings

        warnings.filterwarnings("ignore")
    if given.command == "serve":
        import uvicorn

        uvicorn.run("loom.serve:app", host="0.0.0.0", port=given.port, log_level=os.environ.get("LOOM_LOG", "info").lower())
        return 0
    if given.command == "night":
        return _night(given.out, given.steps)
    from loom.areas import job

    values = {}
    for item in given.values:
        key, _, text = item.partition("=")
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    print(json.dumps(job(given.area, given.job)(**values), ensure_ascii=False, default=str))
    return 0


def _night(out: str, steps: int) -> int:
    from loom.areas.training import night

    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append("term"))
    signal.signal(signal.SIGUSR1, lambda *_: print("alive", flush=True))
    for step, loss in night(out, steps):
        if step == 1:
            print("training", flush=True)
        if stopped:
            print(json.dumps({"stopped": True, "finite": loss < 1e9}), flush=True)
            break
        time.sleep(0.05)
    return 0


if __name__ == "__main__":
    sys.exit(main())
