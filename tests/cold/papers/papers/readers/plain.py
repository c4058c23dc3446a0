"""Text."""


def read(data: bytes, name: str) -> str:
    return data.decode("utf-8")


def decoded(data: bytes, name: str) -> str:
    """Text whose encoding nobody told, mended where it was decoded wrongly before."""
    import ftfy
    from charset_normalizer import from_bytes

    found = from_bytes(data).best()
    if found is None:
        raise ValueError("no encoding fits")
    return f"{found.encoding} {found.language}: {ftfy.fix_text(str(found))}"
