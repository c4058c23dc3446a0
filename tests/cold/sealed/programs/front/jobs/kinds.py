import ctypes
import ctypes.util


def work(text="%!PS-Adobe-3.0"):
    magic = ctypes.CDLL(ctypes.util.find_library("magic"))
    magic.magic_open.restype = magic.magic_buffer.restype = ctypes.c_char_p
    magic.magic_open.restype = ctypes.c_void_p
    magic.magic_load.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    magic.magic_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    cookie = magic.magic_open(0)
    assert magic.magic_load(cookie, None) == 0
    data = text.encode()
    return magic.magic_buffer(cookie, data, len(data)).decode() + "\n"
