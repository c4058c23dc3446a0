"""Predictions behind one API: models of several libraries, bodies of several formats."""
