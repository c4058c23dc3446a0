"""Readers by name and by kind; others bring more as entry points of the group `papers.readers`."""

import importlib
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import PurePath

_READERS = {
    "text": "papers.readers.plain:read",
    "decoded": "papers.readers.plain:decoded",
    "pypdf": "papers.readers.pdf:pypdf",
    "pdfplumber": "papers.readers.pdf:pdfplumber",
    "pymupdf": "papers.readers.pdf:pymupdf",
    "pdfminer": "papers.readers.pdf:pdfminer",
    "camelot": "papers.readers.pdf:camelot",
    "tabula": "papers.readers.pdf:tabula",
    "scan": "papers.readers.pictures:scan",
    "picture": "papers.readers.pictures:picture",
    "layer": "papers.readers.pictures:layer",
    "docx": "papers.readers.office:docx",
    "mammoth": "papers.readers.office:mammoth",
    "pptx": "papers.readers.office:pptx",
    "xlsx": "papers.readers.office:xlsx",
    "xls": "papers.readers.office:xls",
    "frame": "papers.readers.office:frame",
    "odf": "papers.readers.office:odf",
    "rtf": "papers.readers.office:rtf",
    "eml": "papers.readers.mail:eml",
    "msg": "papers.readers.mail:msg",
    "mbox": "papers.readers.mail:mbox",
    "epub": "papers.readers.books:epub",
    "notebook": "papers.readers.books:notebook",
    "trafilatura": "papers.readers.pages:trafilatura",
    "readability": "papers.readers.pages:readability",
    "soup": "papers.readers.pages:soup",
    "html2text": "papers.readers.pages:html2text",
    "feed": "papers.readers.pages:feed",
    "warc": "papers.readers.pages:warc",
    "unstructured": "papers.readers.whole:unstructured",
    "markitdown": "papers.readers.whole:markitdown",
    "pandoc": "papers.readers.whole:pandoc",
    "archive": "papers.readers.archives:read",
    "sound": "papers.readers.sound:read",
}
_KINDS = {
    "txt": "text",
    "md": "text",
    "pdf": "pypdf",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "xlsx",
    "xls": "xls",
    "odt": "odf",
    "ods": "odf",
    "rtf": "rtf",
    "eml": "eml",
    "msg": "msg",
    "mbox": "mbox",
    "epub": "epub",
    "ipynb": "notebook",
    "html": "trafilatura",
    "xml": "feed",
    "gz": "warc",
    "png": "picture",
    "tiff": "picture",
    "zip": "archive",
    "7z": "archive",
    "wav": "sound",
    "mp3": "sound",
    "ogg": "sound",
    "vtt": "subtitles",
    "doc": "antiword",
}
_PROGRAMS = {
    "pdftotext": ["pdftotext", "-layout", "-q", "{}", "-"],
    "pdfinfo": ["pdfinfo", "-isodates", "{}"],
    "pdfhtml": ["pdftohtml", "-stdout", "-xml", "-i", "{}"],
    "antiword": ["antiword", "-w", "0", "{}"],
    "catdoc": ["catdoc", "-d", "utf-8", "{}"],
    "xls2csv": ["xls2csv", "-d", "utf-8", "{}"],
    "catppt": ["catppt", "-d", "utf-8", "{}"],
    "unrtf": ["unrtf", "--text", "--nopict", "--quiet", "{}"],
    "djvu": ["djvutxt", "{}"],
    "exif": ["exiftool", "-json", "-fast", "-FileType", "-MIMEType", "-Title", "-PageCount", "-ImageSize", "{}"],
    "strings": ["pandoc", "--to", "plain", "{}"],
    "ghostscript": ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=txtwrite", "-sOutputFile=-", "{}"],
}


class UnknownReader(ValueError):
    pass


def reader(name: str) -> Callable[[bytes, str], str]:
    if name in _READERS:
        module, _, function = _READERS[name].partition(":")
        return getattr(importlib.import_module(module), function)
    if name in _PROGRAMS:
        from papers.readers import programs

        return programs.reader(_PROGRAMS[name])
    for point in entry_points(group="papers.readers"):
        if point.name == name:
            return point.load()
    raise UnknownReader(f"no reader {name!r}")


def read(data: bytes, name: str, wanted: str = "") -> tuple[str, str]:
    chosen = wanted or _KINDS.get(PurePath(name).suffix.lstrip(".").lower(), "")
    if not chosen:
        import magic

        raise UnknownReader(f"nothing reads {magic.from_buffer(data, mime=True)}")
    return chosen, reader(chosen)(data, name)
