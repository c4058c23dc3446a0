"""Values of the cryptography inventory: modules, their standing, certificates, FIPS mode."""
