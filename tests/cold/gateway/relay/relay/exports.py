"""What was asked, in many forms."""

import csv
import io
from typing import Any


def written(kind: str, rows: list[dict[str, Any]], pick: str = "") -> bytes:
    kept: Any = rows
    if pick:
        import jmespath

        kept = jmespath.search(pick, rows)
    return FORMS[kind](kept) if kind in FORMS else _by_msgspec(kind, kept)


def _by_msgspec(kind: str, rows: Any) -> bytes:
    import msgspec

    return getattr(msgspec, kind).encode(rows if kind != "toml" else {"asked": rows})


def _csv(rows: Any) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _decimal(rows: Any) -> bytes:
    import decimal

    import simplejson

    return simplejson.dumps([{**r, "id": decimal.Decimal(r["id"])} for r in rows], use_decimal=True).encode()


def _plist(rows: Any) -> bytes:
    import plistlib

    return plistlib.dumps(rows)


def _xml(rows: Any) -> bytes:
    from xml.etree import ElementTree as Tree

    top = Tree.Element("asked")
    for row in rows:
        Tree.SubElement(top, "one", {key: str(value) for key, value in row.items()})
    Tree.indent(top)
    return Tree.tostring(top, xml_declaration=True, encoding="utf-16")


FORMS = {"csv": _csv, "decimal": _decimal, "plist": _plist, "xml": _xml}
