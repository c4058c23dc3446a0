"""Libraries that read everything, each in its own way."""

import io
import os
import tempfile


def unstructured(data: bytes, name: str) -> str:
    from unstructured.chunking.title import chunk_by_title
    from unstructured.partition.auto import partition

    elements = partition(file=io.BytesIO(data), metadata_filename=name)
    chunks = chunk_by_title(elements, max_characters=200)
    return "\n".join([*(f"{type(element).__name__}: {str(element)[:60]}" for element in elements), str(len(chunks))])


def markitdown(data: bytes, name: str) -> str:
    from markitdown import MarkItDown

    extension = "." + name.rpartition(".")[2]
    return MarkItDown(enable_plugins=True).convert_stream(io.BytesIO(data), file_extension=extension).markdown


def pandoc(data: bytes, name: str) -> str:
    import pypandoc

    kind = name.rpartition(".")[2]
    form = {"md": "markdown", "tex": "latex", "ipynb": "ipynb", "txt": "markdown"}.get(kind, kind)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return pypandoc.convert_file(path, "gfm", format=form, extra_args=["--wrap=none"])
