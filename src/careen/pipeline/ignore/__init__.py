"""`careen ignore`: propose entries of an allow-list, and find those needed no longer."""
