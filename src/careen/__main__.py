"""`python -m careen`: the command, where its script is not on PATH."""

from careen.cli.main import main

if __name__ == "__main__":
    main()
