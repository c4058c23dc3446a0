"""People: hashers and rules of passwords."""
