"""Texts in encodings that are known by their names."""

import codecs
import csv
import io
import unicodedata


def run(*names):
    for name in names:
        try:
            text = {"euc_jp": "日本", "shift_jis": "日本", "big5": "中", "gb18030": "中", "koi8_r": "да"}.get(name, "ab")
            print(name, text.encode(name), codecs.lookup(name).name, text.encode(name).decode(name) == text)
        except (LookupError, UnicodeError) as error:
            print(name, type(error).__name__, error)
    print(codecs.encode(b"some bytes", "zlib")[:2], codecs.encode("abc", "rot13"), codecs.encode(b"a", "base64"), "bücher.example".encode("idna"))
    print(unicodedata.name("é"), list(csv.reader(io.StringIO("a;b"), csv.Sniffer().sniff("a;b\nc;d"))))
