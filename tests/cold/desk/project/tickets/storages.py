"""A storage of the desk's own."""

from django.core.files.storage import FileSystemStorage


class Hashed(FileSystemStorage):
    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        import hashlib

        return super().get_available_name(hashlib.blake2b(name.encode(), digest_size=4).hexdigest(), max_length)
