"""An application of which only compiled modules are delivered."""
