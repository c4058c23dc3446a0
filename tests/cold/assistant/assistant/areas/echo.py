"""Say it again."""


def say(text: str) -> dict:
    return {"said": text}
