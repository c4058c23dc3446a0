"""The parts of `careen harden` that no other verb has."""
