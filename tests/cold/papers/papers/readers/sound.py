"""Sound: what its tags say, how long it is, and its silence."""

import io


def read(data: bytes, name: str) -> str:
    import mutagen
    from pydub import AudioSegment
    from pydub.silence import detect_silence

    tags = mutagen.File(io.BytesIO(data))
    sound = AudioSegment.from_file(io.BytesIO(data), format=name.rpartition(".")[2])
    out = io.BytesIO()
    sound.export(out, format="mp3", bitrate="64k", tags={"title": "tea"})
    title = {str(key): str(value) for key, value in (tags or {}).items() if "comment" not in str(key).lower()}
    return f"{type(tags).__name__} {title} {round(len(sound), -2)} ms, {sound.channels} channels, silent {len(detect_silence(sound, 100, -50))}, {type(mutagen.File(io.BytesIO(out.getvalue()))).__name__}"
