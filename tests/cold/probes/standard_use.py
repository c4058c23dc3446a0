"""The standard library at work: character sets, time zones, formats, processes, names."""
import codecs, csv, ctypes.util, datetime, decimal, email.message, email.parser, encodings.aliases, getpass, io, json, locale, lzma, mimetypes, multiprocessing
import os, platform, sqlite3, ssl, string, sys, tempfile, traceback, xml.dom.minidom, xml.etree.ElementTree as tree, zipfile, zlib, zoneinfo

text = "grüße, 世界, שלום, привет"
for name in sorted(set(encodings.aliases.aliases.values())):
    try:
        codecs.lookup(name)
    except LookupError as error:
        print(f"codec {name}: {error}")
print([text[:5].encode(name) for name in ("latin-1", "cp1252", "utf-16", "utf-7", "cp437", "mac_roman")], "世界".encode("gb18030"), "世界".encode("shift_jis"))
print("bücher.example".encode("idna"), "bücher".encode("punycode"), codecs.encode("abc", "rot13"))
print(len(zoneinfo.available_timezones()), datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Asia/Kathmandu")).isoformat())
print(decimal.Decimal(1) / decimal.Decimal(7), f"{1234567.891:n}", locale.setlocale(locale.LC_ALL, "C.UTF-8"))
database = sqlite3.connect(":memory:")
database.execute("create virtual table notes using fts5(body)")
database.execute("insert into notes values (?)", (text,))
print(database.execute("select count(*) from notes where notes match 'grüße'").fetchone(), database.execute("select json_extract('{\"a\": 5}', '$.a')").fetchone())
message = email.message.EmailMessage()
message["Subject"] = text
message.set_content(text, charset="iso-8859-1", cte="quoted-printable") if False else message.set_content(text)
print(email.parser.BytesParser().parsebytes(bytes(message))["Subject"][:10], mimetypes.guess_type("a.webp"), mimetypes.guess_type("a.tar.gz"))
print(xml.dom.minidom.parseString("<a><b>é</b></a>").toprettyxml()[:30], tree.fromstring("<a b='1'/>").attrib)
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
    archive.writestr("ü.txt", text)
print(zipfile.ZipFile(buffer).namelist(), len(zlib.compress(text.encode())), lzma.decompress(lzma.compress(b"x")))
context = ssl.create_default_context()
print(context.cert_store_stats()["x509_ca"] > 100 or context.get_ca_certs() != [], sorted(item["name"] for item in context.get_ciphers())[:3], ssl.OPENSSL_VERSION)
print(platform.libc_ver(), platform.freedesktop_os_release()["ID"], ctypes.util.find_library("c"), ctypes.util.find_library("ssl"), ctypes.util.find_library("z"))
print(csv.Sniffer().sniff("a;b\n1;2\n").delimiter, string.Template("$x").substitute(x=1))
try:
    json.loads("{")
except ValueError:
    print(traceback.format_exc())


def square(number):
    return number * number


if __name__ == "__main__":
    for method in ("fork",):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(pool.map(square, range(4)))
