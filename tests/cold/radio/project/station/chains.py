"""Chains of programs, as chains.toml has them: sound in, sound out."""

import io
import os
import subprocess
import tomllib
from pathlib import Path


def table():
    return tomllib.loads(Path(os.environ.get("STATION_CHAINS", "/etc/station/chains.toml")).read_text())


def through(name, sound):
    for step in table()["chain"][name]:
        done = subprocess.run(step.split(), input=sound, capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace")[-300:])
        sound = done.stdout
    return sound


def convert(sound, target, **more):
    from pydub import AudioSegment

    made = io.BytesIO()
    AudioSegment.from_file(io.BytesIO(sound)).export(made, format=target, **more)
    return made.getvalue()


def effect(sound, name, *values):
    from pydub import AudioSegment, effects, generators, scipy_effects, silence

    segment = AudioSegment.from_wav(io.BytesIO(sound))
    if name == "silence":
        return silence.detect_nonsilent(segment, 100, -40)
    if hasattr(generators, name):
        segment = getattr(generators, name)(440).to_audio_segment(300)
    elif hasattr(scipy_effects, name):
        segment = getattr(scipy_effects, name)(segment, *map(float, values))
    else:
        segment = getattr(effects, name)(segment, *map(float, values))
    return [len(segment), round(segment.dBFS)]
