"""render FORMAT: rows on standard input, a table or a document on standard output; it lives in an environment of its own."""

import json
import sys


def main() -> None:
    form = sys.argv[1]
    rows = json.load(sys.stdin)
    if form == "document":
        from docutils.core import publish_string

        title = "Orders"
        text = f"{title}\n======\n\n.. list-table::\n\n" + "\n".join(f"   * - {row['who']}\n     - {row['what']}" for row in rows)
        print(publish_string(text, writer_name=sys.argv[2], settings_overrides={"output_encoding": "unicode"}))
    else:
        from tabulate import tabulate

        print(tabulate([row.values() for row in rows], tablefmt=form))


main()
