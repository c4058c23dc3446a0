import hashlib
import multiprocessing
import sys


def work(word):
    return hashlib.blake2b(word.encode(), digest_size=4).hexdigest()


if __name__ == "__main__":
    multiprocessing.freeze_support()
    from cryptography.fernet import Fernet

    box = Fernet(b"A" * 43 + b"=")
    print(box.decrypt(box.encrypt(b"sealed")).decode())
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(work, sys.argv[1:]))
