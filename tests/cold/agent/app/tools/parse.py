"""Documents of many kinds, as text."""


def run(kind: str, text: str) -> str:
    if kind == "xml":
        import xml.etree.ElementTree as tree

        return ", ".join(item.tag for item in tree.fromstring(text).iter())
    if kind == "html":
        from html.parser import HTMLParser

        found: list[str] = []
        parser = HTMLParser()
        parser.handle_data = found.append
        parser.feed(text)
        return " ".join(found)
    if kind == "csv":
        import csv

        return str(list(csv.reader(text.splitlines())))
    if kind == "yaml":
        import yaml

        return str(yaml.safe_load(text))
    if kind == "mail":
        import email

        return str(email.message_from_string(text)["subject"])
    raise ValueError(f"unknown kind {kind!r}")
