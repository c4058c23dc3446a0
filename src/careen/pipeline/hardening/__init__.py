"""Parts that only `careen harden` uses."""
