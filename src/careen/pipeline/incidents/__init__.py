"""Incidents: the images that a vulnerability affects are fixed in waves and verified."""
