"""A file system of fsspec: documents as files."""

import fsspec


class VectorFiles(fsspec.AbstractFileSystem):
    protocol = "vector"

    def ls(self, path, detail=True, **kwargs):
        return [{"name": "tea", "size": 3, "type": "file"}] if detail else ["tea"]

    def _open(self, path, mode="rb", **kwargs):
        import io

        return io.BytesIO(b"tea")
