def main() -> None:
    print("score", 7)
