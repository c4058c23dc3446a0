"""Notes: files of MIDI, made and played."""

import io
import subprocess


def tune():
    import pretty_midi

    one = pretty_midi.PrettyMIDI()
    part = pretty_midi.Instrument(pretty_midi.instrument_name_to_program("Cello"))
    for at, note in enumerate(("C5", "E5", "G5")):
        part.notes.append(pretty_midi.Note(100, pretty_midi.note_name_to_number(note), at / 2, at / 2 + 0.4))
    one.instruments.append(part)
    return one


def written():
    made = io.BytesIO()
    tune().write(made)
    return made.getvalue()


def play(by):
    if by == "sines":
        return len(tune().synthesize(8000))
    if by == "table":
        return len(tune().fluidsynth(8000))
    if by == "timidity":
        return len(subprocess.run(["timidity", "-Ow", "-o", "-", "-"], input=written(), capture_output=True, check=True).stdout) > 10000
    import mido

    mido.set_backend(by)
    return mido.get_output_names()
