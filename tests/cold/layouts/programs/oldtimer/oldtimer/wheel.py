import glob
import wsgiref.headers

import cachetools


def turn(words):
    return wsgiref.headers.Headers([("a", word) for word in words]).get_all("a"), cachetools.LRUCache(2).maxsize, glob.escape("*")
