"""Packages of Go programs."""
