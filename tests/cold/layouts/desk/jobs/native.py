"""Libraries of the system by their short names."""

import ctypes
import ctypes.util


def run(*names):
    for name in names:
        print(name, ctypes.util.find_library(name))
    library = ctypes.CDLL(ctypes.util.find_library("sodium"))
    library.sodium_version_string.restype = ctypes.c_char_p
    print("sodium", library.sodium_init(), library.sodium_version_string().decode()[:2])
    import cffi

    ffi = cffi.FFI()
    ffi.cdef("const char *sqlite3_libversion(void); unsigned long crc32(unsigned long, const char *, unsigned int);")
    print("sqlite", ffi.string(ffi.dlopen(ctypes.util.find_library("sqlite3")).sqlite3_libversion()).decode()[0])
    print("crc", ffi.dlopen("libz.so.1").crc32(0, b"abc", 3))
    import magic

    print(magic.from_buffer(b"%PDF-1.7\n", mime=True), magic.from_buffer(b"\x89PNG\r\n\x1a\n" + bytes(20)))
