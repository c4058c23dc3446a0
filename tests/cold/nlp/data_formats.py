"""tf.data over every form of file that TensorFlow reads by itself."""
import csv, os, pathlib, shutil, struct, tempfile, zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import logging

import keras
import numpy as np
import tensorflow as tf

logging.getLogger("tensorflow").setLevel("ERROR")

place = pathlib.Path(tempfile.mkdtemp())
for kind in ("", "GZIP", "ZLIB"):
    path = str(place / f"a{kind}.tfrecord")
    with tf.io.TFRecordWriter(path, kind or None) as writer:
        for number in range(4):
            writer.write(tf.train.Example(features=tf.train.Features(feature={"n": tf.train.Feature(int64_list=tf.train.Int64List(value=[number]))})).SerializeToString())
    data = tf.data.TFRecordDataset(path, kind).map(lambda one: tf.io.parse_single_example(one, {"n": tf.io.FixedLenFeature([], tf.int64)})["n"], num_parallel_calls=2)
    print(kind, list(data.as_numpy_iterator()))
(place / "a.csv").write_text("name,size,good\nAnn,1.5,1\nBo,2.5,0\n")
print([sorted(one[0]) for one in tf.data.experimental.make_csv_dataset(str(place / "a.csv"), 2, label_name="good", num_epochs=1, shuffle=False)])
print(list(tf.data.experimental.CsvDataset(str(place / "a.csv"), [tf.string, tf.float32], header=True, select_cols=[0, 1]).map(lambda a, b: b).as_numpy_iterator()))
print(list(tf.data.TextLineDataset(str(place / "a.csv")).skip(1).as_numpy_iterator()))
pixels = (np.arange(12 * 10 * 3) % 255).reshape(12, 10, 3).astype("uint8")
png, jpeg = tf.io.encode_png(pixels), tf.io.encode_jpeg(pixels, quality=90)
bmp = b"BM" + struct.pack("<IHHI", 14 + 40 + 16, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 24, 0, 16, 0, 0, 0, 0) + bytes(range(6)) + b"\0\0" + bytes(range(6)) + b"\0\0"
gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
print(tf.io.decode_png(png).shape, tf.io.decode_jpeg(jpeg).shape, tf.io.decode_bmp(bmp).shape, tf.io.decode_gif(gif).shape, tf.io.decode_image(gif, expand_animations=False).shape)
try:
    tf.io.decode_image(b"nonsense")
except tf.errors.InvalidArgumentError as error:
    print(str(error).splitlines()[0][:120])
print(tf.image.resize(pixels, (6, 5), "bicubic").shape, tf.image.adjust_hue(pixels, 0.1).shape, tf.image.stateless_random_crop(pixels, (4, 4, 3), (1, 2)).shape, float(tf.image.ssim(pixels, pixels, 255, filter_size=5)))
wave = tf.audio.encode_wav(np.sin(np.arange(800) / 5).astype("float32")[:, None], 8000)
print(tf.audio.decode_wav(wave).audio.shape, tf.signal.stft(np.ones(800, "float32"), 200, 100).shape, tf.signal.mfccs_from_log_mel_spectrograms(np.ones((2, 20), "float32")).shape)
data = tf.data.Dataset.range(10).shuffle(4, seed=1).batch(3).cache(str(place / "cache")).prefetch(tf.data.AUTOTUNE)
print(sorted(n for batch in data.as_numpy_iterator() for n in batch))
tf.data.Dataset.range(5).save(str(place / "kept"), compression="GZIP")
print(list(tf.data.Dataset.load(str(place / "kept"), compression="GZIP").as_numpy_iterator()))
print(list(tf.data.Dataset.range(4).snapshot(str(place / "snap")).as_numpy_iterator()))
print(list(tf.data.Dataset.from_generator(lambda: iter([1, 2]), output_signature=tf.TensorSpec([], tf.int32)).as_numpy_iterator()))
print([n.shape for n in tf.data.Dataset.range(6).window(3).flat_map(lambda w: w.batch(3)).ragged_batch(2).take(1)])
print(list(tf.data.Dataset.range(3).interleave(lambda n: tf.data.Dataset.from_tensors(n).repeat(2), cycle_length=2, num_parallel_calls=2).as_numpy_iterator()))
for label in "ab":
    (place / "pictures" / label).mkdir(parents=True)
    (place / "texts" / label).mkdir(parents=True)
    (place / "sounds" / label).mkdir(parents=True)
    (place / "pictures" / label / "1.png").write_bytes(png.numpy())
    (place / "texts" / label / "1.txt").write_text(f"text of {label}")
    (place / "sounds" / label / "1.wav").write_bytes(wave.numpy())
print(keras.utils.image_dataset_from_directory(place / "pictures", image_size=(4, 4), verbose=False).element_spec[0].shape)
print(keras.utils.text_dataset_from_directory(place / "texts", verbose=False).class_names)
try:
    print(keras.utils.audio_dataset_from_directory(place / "sounds", output_sequence_length=100, verbose=False).class_names)
except Exception as error:
    print(type(error).__name__, str(error)[:80])
try:
    keras.utils.load_img(place / "pictures/a/1.png")
except ImportError as error:
    print("load_img:", str(error)[:60])
print(tf.strings.unicode_decode(["grüße", "世界"], "UTF-8").to_list(), tf.strings.unicode_transcode("é", "UTF-8", "UTF-16-BE").numpy(), tf.strings.regex_replace("a1b2", r"\d", "_").numpy(), tf.strings.lower("ÀÉ", encoding="utf-8").numpy().decode())
print(tf.io.gfile.glob(str(place / "texts/*/*"))[0][-8:], tf.io.gfile.exists(str(place)), tf.io.decode_json_example('{"features": {}}').numpy(), tf.io.decode_compressed(zlib.compress(b"x"), "ZLIB").numpy())
try:
    tf.io.gfile.GFile("gs://nowhere/a").read()
except Exception as error:
    print("gs:", type(error).__name__)
shutil.rmtree(place)
