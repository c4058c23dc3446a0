"""What a file says of itself, and what is written into it."""

import subprocess


def make(kind, path, sound):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-i", "-", path], input=sound, check=True)


def write(path, title):
    import mutagen

    one = mutagen.File(path, easy=True)
    if one is None:
        return "no tags"
    try:
        if one.tags is None:
            one.add_tags()
        one["title"] = [title]
        one.save()
    except Exception as error:
        return f"{type(one).__name__}: {type(error).__name__}"
    return type(one).__name__


def read(path):
    import mutagen
    from tinytag import TinyTag

    one = mutagen.File(path)
    kind = type(one).__module__ if one else None
    try:
        other = TinyTag.get(path)
        return [kind, round(one.info.length, 0) if one else None, other.title, type(other).__name__]
    except Exception as error:
        return [kind, type(error).__name__]
