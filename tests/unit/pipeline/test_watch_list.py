"""IMAGES.toml: what it says, and what is refused with file and line."""

from pathlib import Path

import pytest

from careen.errors import ConfigError, InputError
from careen.oci.reference import EngineImage, RegistryImage
from careen.pipeline.watching.image_list import Watched, chosen, load_list

CONFIG = 'config = "a/careen.toml"\n'
PLAIN = f'[[image]]\nsource = "web:1"\ntag = "web:1-hardened"\n{CONFIG}'


def read(tmp_path: Path, text: str) -> tuple[Watched, ...]:
    path = tmp_path / "images.toml"
    path.write_text(text)
    return load_list(path)


def test_paths_are_relative_to_the_list(tmp_path: Path) -> None:
    archive, layout = read(
        tmp_path,
        '[[image]]\nsource = "docker-archive:in/a.tar:web:1"\ntag ='
        f' "a:1"\n{CONFIG}[[image]]\nsource = "oci:in/b:1.2"\ntag = "b:1"\n{CONFIG}push = true\n',
    )
    assert archive.name == f"docker-archive:{tmp_path}/in/a.tar:web:1"
    assert (layout.name, layout.push, layout.patch) == (f"oci:{tmp_path}/in/b:1.2", True, True)
    assert archive.config == tmp_path / "a/careen.toml"


def test_a_name_in_a_registry_is_told_from_one_in_dockers_store(tmp_path: Path) -> None:
    there, here = read(
        tmp_path,
        f'[[image]]\nsource = "docker://registry.example/team/web:1"\ntag = "w:1"\n{CONFIG}{PLAIN}',
    )
    assert there.reference == RegistryImage("registry.example/team/web:1")
    assert there.name == "docker://registry.example/team/web:1"
    assert here.reference == EngineImage("web:1")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "images.toml:1: image: no image: expected one [[image]] table or more"),
        (
            f'[[image]]\ntag = "a:1"\n{CONFIG}',
            "images.toml:1: image[0].source: is missing: the image to harden",
        ),
        (
            '[[image]]\nsource = "a:0"\ntag = "a:1"\n',
            "images.toml:1: image[0].config: is missing: the careen.toml with its workloads",
        ),
        (
            f"{PLAIN}pusch = true\n",
            "images.toml:5: image[0].pusch: unknown key; did you mean 'push'?",
        ),
        (
            f'{PLAIN}push = "yes"\n',
            'images.toml:5: image[0].push: expected true or false, got "yes" (text)',
        ),
        (
            f'{PLAIN}when = "executed-high"\n',
            "images.toml:5: image[0].when: what runs is known only when the image has run",
        ),
        (
            f'{PLAIN}when = "grave"\n',
            "images.toml:5: image[0].when: when: 'grave' in 'grave' is not a condition",
        ),
        (
            f"{PLAIN}{PLAIN.replace('web:1-hardened', 'docker.io/library/web:1-hardened')}",
            "images.toml:7: image[1].tag: another image of the list has",
        ),
        (
            f'[[image]]\nsource = "web:1"\ntag = "docker.io/library/web:1"\n{CONFIG}',
            "images.toml:3: image[0].tag: -t docker.io/library/web:1: is the name of the original",
        ),
        (
            f'[[image]]\nsource = "web:1"\ntag = "oci:out"\n{CONFIG}',
            "images.toml:3: image[0].tag: 'oci:out' is not a name for docker's store",
        ),
        (
            f'[[image]]\nsource = "containers-storage:out"\ntag = "a:1"\n{CONFIG}',
            "images.toml:2: image[0].source: containers-storage: is not watched",
        ),
        ("image = 1\n", "images.toml:1: image: expected tables ([[image]]), got 1 (integer)"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path}/{complaint}")


def test_files_of_two_tags_never_have_the_same_name(tmp_path: Path) -> None:
    long = "x" * 80
    tags = ["a/b:1", "a-b:1", f"{long}:1", f"y{long}:1"]
    images = read(
        tmp_path, "".join(f'[[image]]\nsource = "s:1"\ntag = "{tag}"\n{CONFIG}' for tag in tags)
    )
    assert len({image.key for image in images}) == len(tags)
    assert all("/" not in image.key and len(image.key) < 100 for image in images)


def test_some_are_chosen_by_their_tags(tmp_path: Path) -> None:
    images = read(
        tmp_path,
        "".join(
            f'[[image]]\nsource = "s:1"\ntag = "{tag}"\n{CONFIG}' for tag in ("a:1", "a:2", "b:1")
        ),
    )
    assert [image.tag for image in chosen(images, ("a:*",))] == ["a:1", "a:2"]
    assert chosen(images, ()) == images
    with pytest.raises(
        InputError, match="--only 'c': no image of the list has such a tag; it has a:1, a:2, b:1"
    ):
        chosen(images, ("a:1", "c"))
