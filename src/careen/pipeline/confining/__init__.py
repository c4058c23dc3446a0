"""Run an image under its policy: the tests, and the program that tries what must be blocked."""
