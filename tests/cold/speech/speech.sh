#!/usr/local/bin/python
from speech.cli import app

app()
