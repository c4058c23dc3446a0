"""The cold-path corpus: services in images, the few requests of their profile, and what production
asks of them that no profile shows.

A folder is a subject: `case.toml`, its own image (`Dockerfile`) or the name of one, its profile
test, its cold cases. The program hardens the image with the profile alone and then asks the cold
cases of it. It needs docker and package registries, and takes long: `make cold`. Three plain
subjects are part of `make test` (tests/e2e/test_cold_subjects.py).
"""
