"""The verbs of `careen base`, one file for those that belong together."""
