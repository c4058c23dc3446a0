"""Each sound format of libsndfile, and features by librosa."""
import io

import httpx
import numpy as np
import soundfile

tone = (0.4 * np.sin(np.arange(22050) * 0.1)).astype("float32")
for name in sorted(soundfile.available_formats()):
    buffer = io.BytesIO()
    try:
        soundfile.write(buffer, tone, 22050, format=name)
    except Exception as error:
        print(name, "not written:", type(error).__name__)
        continue
    answer = httpx.post("http://127.0.0.1:8200/sound/measure", files={"file": ("x", buffer.getvalue())}, timeout=60)
    print(name, answer.status_code, round(answer.json().get("rms", 0), 1))
buffer = io.BytesIO()
soundfile.write(buffer, tone, 22050, format="FLAC")
for what in ("features", "filtered"):
    answer = httpx.post(f"http://127.0.0.1:8200/sound/measure?what={what}", files={"file": ("x", buffer.getvalue())}, timeout=240)
    print(what, answer.status_code)
    for key, value in answer.json().items():
        print(key, value)
import librosa

print(librosa.resample(tone, orig_sr=22050, target_sr=16000).shape, librosa.stft(tone).shape, librosa.effects.pitch_shift(tone, sr=22050, n_steps=2).shape, librosa.feature.chroma_cqt(y=tone, sr=22050).shape[0])
print(librosa.resample(tone, orig_sr=22050, target_sr=16000, res_type="polyphase").shape, len(librosa.util.list_examples.__doc__) > 10, librosa.note_to_hz("A4"))
