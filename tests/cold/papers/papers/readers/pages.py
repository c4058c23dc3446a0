"""Pages, feeds and archives of the web."""

import io


def trafilatura(data: bytes, name: str) -> str:
    import trafilatura as library

    facts = library.extract_metadata(data)
    out = [
        library.extract(data, output_format=form, include_tables=True, with_metadata=form == "json") or ""
        for form in ("txt", "markdown", "xml", "json", "xmltei")
    ]
    return "\n".join([*(text[:160] for text in out), str(facts.title), str(facts.date)])


def readability(data: bytes, name: str) -> str:
    from readability import Document

    document = Document(data.decode())
    return f"{document.short_title()}\n{document.summary(html_partial=True)}"


def soup(data: bytes, name: str) -> str:
    from bs4 import BeautifulSoup

    return "\n".join(f"{kind}: {BeautifulSoup(data, kind).get_text(' ', strip=True)[:80]}" for kind in ("html.parser", "lxml", "html5lib", "xml"))


def html2text(data: bytes, name: str) -> str:
    import html2text as library
    from markdownify import markdownify

    return f"{library.html2text(data.decode())}\n{markdownify(data.decode(), heading_style='ATX')}"


def feed(data: bytes, name: str) -> str:
    import feedparser

    found = feedparser.parse(io.BytesIO(data))
    lines = [f"{entry.get('title')} {entry.get('published_parsed') and list(entry.published_parsed)[:5]} {entry.get('summary', '')}" for entry in found.entries]
    return "\n".join([found.version, found.feed.get("title", ""), *lines, type(found.get("bozo_exception")).__name__])


def warc(data: bytes, name: str) -> str:
    from warcio.archiveiterator import ArchiveIterator

    records = ArchiveIterator(io.BytesIO(data), verify_http=True)
    return "\n".join(f"{record.rec_type} {record.rec_headers.get_header('WARC-Target-URI')} {record.content_stream().read()[:60]!r}" for record in records)
