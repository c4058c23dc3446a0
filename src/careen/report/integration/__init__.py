"""What a run of `careen ci` found, for the terminal, for a pull request and for programs."""
