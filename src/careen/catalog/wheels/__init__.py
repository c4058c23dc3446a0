"""The `pip` step of a definition: wheels fetched by pip, and unpacked without running anything."""
