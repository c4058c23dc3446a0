#!/bin/sh
# Two processes in one container.
java -cp '/srv/vault/vault.jar:/srv/vault/lib/*' Vault &
GIT_PYTHON_REFRESH=quiet PYTHONPATH=/srv/books/lib exec python3 /srv/books/books.py
