def run() -> None:
    print("from a zip")
