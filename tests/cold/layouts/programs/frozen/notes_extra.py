import lzma
import ssl


def extra():
    return lzma.decompress(lzma.compress(b"abc")), ssl.OPENSSL_VERSION.split()[0], "é".encode("cp1252")
