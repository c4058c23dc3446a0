"""What reads as a command line in a configuration."""

import pytest

from careen.plan.mechanisms.commands.configured_commands import commands_of, words_of


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ('{"make": ["convert", "-", "gif:-"]}', {"convert"}),
        ('{"open": ["/opt/tools/bin/render", "{file}"]}', {"/opt/tools/bin/render"}),
        ("renderer: pdftotext -layout - -\n", {"pdftotext"}),
        ("steps:\n  - ffmpeg -i in out\n", {"ffmpeg"}),
        ("command:\n  - gs\n  - -q\n", {"gs"}),
        ("[mail]\nsend = sendmail -t -i\n", {"sendmail"}),
        ('run = "soffice --headless"\n', {"soffice"}),
        ("line: [sox, -n, -t, wav, out.wav]\n", {"sox"}),
        ("line: [soxi, /tmp/a.flac]\n", {"soxi"}),
        ("line: [mogrify, '{file}']\n", {"mogrify"}),
        ("range: [sort, -1]\n", set()),
        ("names: [cut, paste, join]\n", set()),
        ('{"merges": [["sort", "test"], ["a", "b"]]}', set()),
        ('{"sort": 17, "mode": "convert"}', set()),
        ("title: convert this file\n", set()),
        ("range: cut - paste\n", set()),
    ],
)
def test_first_words_of_command_lines(text: str, commands: set[str]) -> None:
    assert commands_of(text) == commands


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("fill: envsubst\n", {"envsubst"}),
        ("fill: [envsubst]\n", {"envsubst"}),
        ('fill = ["envsubst"]\n', {"envsubst"}),
        ("fill: [envsubst, more]\n", set()),
        ("fill: [sort]\n", set()),
    ],
)
def test_values_of_one_word(text: str, commands: set[str]) -> None:
    assert words_of(text, {"envsubst", "sort"}) == commands
