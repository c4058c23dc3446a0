"""Entry point of `python -m careen`, for when the script is not on PATH."""

from careen.cli.main import main

if __name__ == "__main__":
    main()
