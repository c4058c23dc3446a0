"""careen never says that something meets FIPS 140: it says what it found."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = ("fips compliant", "fips-compliant", "fips compliance", "fips certified")


def test_forbidden_words_are_nowhere() -> None:
    files = [*(ROOT / "src").rglob("*"), *(ROOT / "docs").rglob("*"), ROOT / "README.md"]
    texts = (each for each in files if each.suffix in (".py", ".toml", ".txt", ".md", ".json"))
    found = [
        f"{each}: {words}"
        for each in texts
        if "adr" not in each.parts
        for words in FORBIDDEN
        if words in each.read_text(encoding="utf-8").lower()
    ]
    assert found == []
