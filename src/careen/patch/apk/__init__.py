"""Alpine, Wolfi and others: apk of the image (`patcher`) or of a tooling image (`shadow`)."""
