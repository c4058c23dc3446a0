"""A server of models: one API, a backend for each engine."""
