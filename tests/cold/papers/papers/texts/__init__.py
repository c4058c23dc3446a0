"""Texts in passages."""


def passages(text: str, size: int) -> list[str]:
    out: list[str] = []
    for paragraph in text.split("\n\n"):
        words = paragraph.split()
        line = ""
        for word in words:
            if line and len(line) + len(word) + 1 > size:
                out.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        if line:
            out.append(line)
    return out
