"""The files of a policy: one writer for each enforcer, from a `Policy` to text."""
