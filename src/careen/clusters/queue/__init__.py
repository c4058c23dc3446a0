"""A queue of images in PostgreSQL, for machines without a cluster; procrastinate keeps it.

An image is in it once, and runs once at a time. Retries, priorities and jobs of workers that died
are procrastinate's.
"""
