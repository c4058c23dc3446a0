"""Programs that run inside the image under its own Python, passed as text.

They need only a standard library from 3.6 on. Only tests import them here.
"""
