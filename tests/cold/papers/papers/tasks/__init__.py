"""What the service does besides: one module for each area, imported when it is first asked for."""
