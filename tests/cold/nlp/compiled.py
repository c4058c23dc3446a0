"""Graphs, XLA, autograph, mixed precision, devices, strategies, quantisation, TFLite."""
import os, sys, tempfile, warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(1)
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)


@tf.function
def collatz(n):
    steps = 0
    while n > 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


print(int(collatz(tf.constant(27))), "while_body" in str(tf.autograph.to_code(collatz.python_function)) or "loop_body" in str(tf.autograph.to_code(collatz.python_function)))


@tf.function(jit_compile=True)
def fused(a, b):
    return tf.reduce_sum(tf.nn.softmax(tf.tanh(a @ b) + 1.0))


print(round(float(fused(tf.ones((8, 8)), tf.ones((8, 8)))), 4), "HloModule" in fused.experimental_get_compiler_ir(tf.ones((8, 8)), tf.ones((8, 8)))(stage="hlo"))
try:
    tf.function(lambda a: tf.unique(a)[0] if True else a, jit_compile=True)(tf.strings.as_string(tf.constant([1])))
except Exception as error:
    print("xla:", type(error).__name__)


@tf.function
def wrong(a):
    return a @ tf.ones((3, 3))


try:
    wrong(tf.ones((2, 2)))
except Exception as error:
    print(type(error).__name__, "return a @ tf.ones" in str(error) or "Matrix size" in str(error) or "Dimensions must be equal" in str(error))


@tf.custom_gradient
def clipped(a):
    return a, lambda up: tf.clip_by_value(up, -1.0, 1.0)


with tf.GradientTape(persistent=True) as tape:
    v = tf.Variable([3.0, 4.0])
    out = tf.reduce_sum(clipped(v) ** 3)
print(tape.gradient(out, v).numpy(), tape.jacobian(tf.constant(1.0), v))
with tf.autodiff.ForwardAccumulator(v, tf.ones(2)) as forward:
    out = tf.reduce_sum(v**2)
print(float(forward.jvp(out)))
print(np.round(tf.linalg.svd(tf.constant([[2.0, 0.0], [1.0, 3.0]]))[0], 3), np.round(tf.linalg.eigh([[2.0, 1.0], [1.0, 2.0]])[0], 3), np.round(abs(tf.signal.fft(tf.complex([1.0, 2.0, 3.0], 0.0))), 3), tf.einsum("ij,jk->ik", tf.eye(2), tf.eye(2)).numpy().tolist())
print(tf.ragged.constant([[1], [2, 3]]).to_tensor().numpy().tolist(), tf.sparse.to_dense(tf.sparse.from_dense([[0, 1]])).numpy().tolist(), tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a"], [1]), -1).lookup(tf.constant(["a", "z"])).numpy())
print(tf.random.Generator.from_seed(1).normal([2]).shape, tf.random.stateless_uniform([2], [1, 2]).numpy().round(4), tf.numpy_function(lambda a: a + 1, [tf.constant(1.0)], tf.float32).numpy(), tf.py_function(lambda a: a * 2, [tf.constant(2.0)], tf.float32).numpy())
x, y = np.random.default_rng(1).normal(size=(16, 8)).astype("float32"), (np.arange(16) % 2).astype("float32")


def network():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid", dtype="float32")])
    model.compile("adam", "binary_crossentropy", jit_compile=False)
    return model


for policy in ("mixed_bfloat16", "mixed_float16", "float64"):
    keras.mixed_precision.set_global_policy(policy)
    print(policy, bool(np.isfinite(network().fit(x, y, verbose=0).history["loss"]).all()))
keras.mixed_precision.set_global_policy("float32")
for name, strategy in (("mirrored", tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])), ("one", tf.distribute.OneDeviceStrategy("CPU:0")), ("default", tf.distribute.get_strategy())):
    with strategy.scope():
        model = network()
    print(name, strategy.num_replicas_in_sync, bool(np.isfinite(model.fit(x, y, batch_size=8, verbose=0).history["loss"]).all()))
model = network()
model.compile("adam", "binary_crossentropy", jit_compile=True)
print("jit", bool(np.isfinite(model.fit(x, y, verbose=0).history["loss"]).all()))
model.compile("adam", "binary_crossentropy", run_eagerly=True)
print("eager", bool(np.isfinite(model.fit(x, y, verbose=0).history["loss"]).all()))
convert = tf.lite.TFLiteConverter.from_keras_model(model)
plain = convert.convert()
convert = tf.lite.TFLiteConverter.from_keras_model(model)
convert.optimizations = [tf.lite.Optimize.DEFAULT]
convert.representative_dataset = lambda: ([x[n : n + 1]] for n in range(8))
small = convert.convert()
for name, data in (("plain", plain), ("quantised", small)):
    lite = tf.lite.Interpreter(model_content=data)
    lite.allocate_tensors()
    lite.set_tensor(lite.get_input_details()[0]["index"], x[:1])
    lite.invoke()
    print(name, lite.get_tensor(lite.get_output_details()[0]["index"]).shape)
model = network()
model.quantize("int8")
print("int8", model.predict(x, verbose=0).shape)
place = tempfile.mkdtemp()
writer = tf.summary.create_file_writer(place)
with writer.as_default():
    tf.summary.scalar("a", 1.0, step=1)
    tf.summary.image("p", np.zeros((1, 4, 4, 3)), step=1)
    tf.summary.trace_on(graph=True)
    collatz(tf.constant(3))
    tf.summary.trace_export("g", step=1)
print(sum(len(record.summary.value) for name in os.listdir(place) for record in tf.compat.v1.train.summary_iterator(f"{place}/{name}")))
tf.profiler.experimental.start(place)
fused(tf.ones((8, 8)), tf.ones((8, 8)))
tf.profiler.experimental.stop()
print([name.split(".")[-2:] for _, _, names in os.walk(f"{place}/plugins") for name in names])
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    print(session.run(tf.compat.v1.layers.dense(tf.ones((1, 2)), 2).shape if False else tf.constant(5)))
print(tf.sysconfig.get_build_info()["is_cuda_build"], os.path.exists(tf.sysconfig.get_lib()), len(tf.sysconfig.get_compile_flags()) > 1, tf.config.list_physical_devices("GPU"))
sys.stdout.flush()
