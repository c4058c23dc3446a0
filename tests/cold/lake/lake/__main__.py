"""python -m lake WHAT KEY=VALUE …: one piece of work, as the jobs do it."""

import sys

from lake.work import done


def main() -> None:
    what, *words = sys.argv[1:]
    print(done(what, dict(word.split("=", 1) for word in words)))


main()
