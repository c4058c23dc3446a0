"""Programs that run inside the image, under its own Python: they are handed over as text, need
nothing but a standard library from 3.6 on, and are never imported here but by tests.
"""
