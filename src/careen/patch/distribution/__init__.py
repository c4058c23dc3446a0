"""Code shared by the patchers of apk and rpm."""
