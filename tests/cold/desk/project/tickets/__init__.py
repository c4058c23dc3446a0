"""Tickets: what people ask, and what becomes of it."""
