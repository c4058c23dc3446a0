"""station VERB …: what the service does, without it."""

import sys

from station import chains, feeds, measures, tags, voices


def main() -> None:
    verb, *rest = sys.argv[1:] or ["help"]
    if verb == "say":
        sys.stdout.buffer.write(voices.voice(rest[0]).say(" ".join(rest[1:]), ""))
    elif verb == "chain":
        sys.stdout.buffer.write(chains.through(rest[0], sys.stdin.buffer.read()))
    elif verb == "measure":
        print(measures.measure(rest[0], sys.stdin.buffer.read()))
    elif verb == "tags":
        print(tags.read(rest[0]))
    elif verb == "find":
        print(feeds.find(rest[0], rest[1]))
    else:
        sys.exit(f"station: no verb {verb!r}")
