"""One step of training, and every form of keeping the result; callbacks; names of optimisers, losses, metrics."""
import glob, os, pathlib, shutil, sys, tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import logging

import keras
import numpy as np
import tensorflow as tf

logging.getLogger("tensorflow").setLevel("ERROR")

keras.utils.set_random_seed(1)
place = pathlib.Path(tempfile.mkdtemp())
x, y = np.random.default_rng(1).normal(size=(16, 8)).astype("float32"), np.arange(16) % 3


def network():
    inputs = keras.Input((8,))
    hidden = keras.layers.Dense(8, "gelu", kernel_regularizer="l2")(inputs)
    hidden = keras.layers.LayerNormalization()(keras.layers.Dropout(0.1)(hidden))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(keras.layers.Add()([hidden, inputs])))
    model.compile("adamw", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


model = network()
model.fit(x, y, epochs=1, verbose=0, validation_split=0.25)
want = model.predict(x, verbose=0)


def same(name, other):
    print(name, bool(np.allclose(want, other, atol=1e-5)))


model.save(place / "a.keras")
same("keras", keras.saving.load_model(place / "a.keras").predict(x, verbose=0))
model.save(place / "a.h5")
same("h5", keras.saving.load_model(place / "a.h5").predict(x, verbose=0))
model.save_weights(place / "a.weights.h5")
other = network()
other.load_weights(place / "a.weights.h5")
same("weights", other.predict(x, verbose=0))
model.export(place / "saved", verbose=False)
loaded = tf.saved_model.load(str(place / "saved"))
same("saved model", loaded.serve(x))
same("saved model as a layer", keras.layers.TFSMLayer(place / "saved", call_endpoint="serve")(x))
tf.saved_model.save(tf.Module(), str(place / "empty"))
keeper = tf.train.CheckpointManager(tf.train.Checkpoint(model=other, step=tf.Variable(3)), str(place / "points"), max_to_keep=2)
for _ in range(3):
    keeper.save()
print(sorted(name.name for name in (place / "points").iterdir()), [name for name, _ in tf.train.list_variables(keeper.latest_checkpoint)][:2])
tf.train.Checkpoint(model=network()).restore(keeper.latest_checkpoint).expect_partial()
try:
    model.export(place / "model.onnx", format="onnx", verbose=False)
except Exception as error:
    print("onnx:", type(error).__name__)
rebuilt = keras.models.model_from_json(model.to_json())
same("json", (rebuilt.set_weights(model.get_weights()), rebuilt.predict(x, verbose=0))[1])
same("clone", (lambda clone: (clone.set_weights(model.get_weights()), clone.predict(x, verbose=0))[1])(keras.models.clone_model(model)))

names = sorted(name for name in dir(keras.optimizers) if name[0].isupper() and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"))
for name in names:
    model = network()
    model.compile(getattr(keras.optimizers, name)(), "sparse_categorical_crossentropy")
    print(name, bool(np.isfinite(model.train_on_batch(x, y)).all()))
for name in ("categorical_focal_crossentropy", "huber", "kl_divergence", "cosine_similarity", "log_cosh", "poisson", "hinge", "dice"):
    print(name, bool(np.isfinite(keras.losses.get(name)(tf.one_hot(y, 3), want)).all()))
for name in ("AUC", "F1Score", "Precision", "TopKCategoricalAccuracy", "MeanIoU"):
    metric = getattr(keras.metrics, name)(**({"num_classes": 3} if name == "MeanIoU" else {}))
    metric.update_state(*((np.argmax(want, 1),) * 2 if name == "MeanIoU" else (want, want)))
    print(name, bool(np.isfinite(metric.result()).all()))
model = network()
model.compile(keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10), clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
back = [keras.callbacks.CSVLogger(place / "log.csv"), keras.callbacks.ModelCheckpoint(place / "best.keras", save_best_only=True), keras.callbacks.EarlyStopping(patience=1),
        keras.callbacks.BackupAndRestore(place / "backup"), keras.callbacks.TerminateOnNaN(), keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: None)]
model.fit(x, y, epochs=2, verbose=2, validation_data=(x, y), callbacks=back)
print((place / "log.csv").read_text().splitlines()[0], (place / "best.keras").exists())
try:
    model.fit(x, y, callbacks=[keras.callbacks.TensorBoard(place / "board", histogram_freq=1)], verbose=0)
    print("board", [os.path.basename(name).split(".")[0] for name in glob.glob(f"{place}/board/train/events*")])
except Exception as error:
    print("board:", type(error).__name__, str(error)[:60])
model.summary(print_fn=lambda text, **_: print(len(text) > 100))
try:
    keras.utils.plot_model(model, place / "a.png")
except Exception as error:
    print("plot:", type(error).__name__, str(error)[:60])
shutil.rmtree(place)
