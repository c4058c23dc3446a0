"""The fleet: what is known of many images, in one store, and questions to it.

Takes what is known of one image (`ImageFacts`) and puts it into a store; answers a `Question` with
an `Answer`. The store is SQLite or PostgreSQL, with one schema. It reads no documents of an image
and matches no advisories: `pipeline/fleet` does both.
"""
