"""The same models in another framework, LitServe: batches, streams, the interface of OpenAI."""

import os
import sys

import joblib
import litserve
from litserve.specs.openai import OpenAISpec
from litserve.specs.openai_embedding import OpenAIEmbeddingSpec


class Flowers(litserve.LitAPI):
    def setup(self, device):
        self.model = joblib.load("/srv/models/iris.joblib")

    def decode_request(self, request):
        return request["rows"]

    def batch(self, inputs):
        return [row for rows in inputs for row in rows]

    def predict(self, rows):
        return self.model.predict(rows)

    def unbatch(self, output):
        return [[value] for value in output.tolist()]

    def encode_response(self, output):
        return {"flowers": output if isinstance(output, list) else output.tolist()}


class Alone(Flowers):
    def predict(self, rows):
        self.log("rows", float(len(rows)))
        return self.model.predict(rows)


class Stream(litserve.LitAPI):
    def setup(self, device):
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file("/srv/models/bpe.json")

    def decode_request(self, request):
        return request["text"]

    def predict(self, text):
        yield from self.tokenizer.encode(text).tokens

    def encode_response(self, outputs):
        for token in outputs:
            yield {"token": token}


class Chat(litserve.LitAPI):
    def setup(self, device):
        self.said = "a cup of tea".split()

    def predict(self, messages):
        for word in self.said:
            yield word + " "


class Meanings(litserve.LitAPI):
    def setup(self, device):
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file("/srv/models/wordpiece.json")

    def predict(self, texts):
        return [[float(number) for number in self.tokenizer.encode(text).ids[:4]] for text in ([texts] if isinstance(texts, str) else texts)]

    def encode_response(self, output):
        return {"embeddings": output}


class Log(litserve.Logger):
    def process(self, key, value):
        print(f"logged {key} {value}", flush=True)


class Call(litserve.Callback):
    def on_server_start(self, *args, **kwargs):
        print("the server starts", flush=True)

    def on_before_predict(self, lit_api):
        print("before a prediction", flush=True)


KINDS = {
    "alone": lambda: Alone(),
    "batched": lambda: Flowers(max_batch_size=4, batch_timeout=0.05),
    "stream": lambda: Stream(stream=True),
    "chat": lambda: Chat(spec=OpenAISpec()),
    "embeddings": lambda: Meanings(spec=OpenAIEmbeddingSpec()),
}

if __name__ == "__main__":
    kind = os.environ.get("LIGHT", "alone")
    fast = bool(os.environ.get("LIGHT_FAST_QUEUE"))
    monitor = []
    if os.environ.get("LIGHT_TIME"):
        from litserve.callbacks.defaults.metric_callback import PredictionTimeLogger

        monitor = [PredictionTimeLogger()]
    server = litserve.LitServer(
        KINDS[kind](),
        accelerator="cpu",
        workers_per_device=int(os.environ.get("WORKERS", "1")),
        loggers=[Log()],
        callbacks=[Call(), *monitor],
        fast_queue=fast,
        timeout=30,
    )
    server.run(port=int(sys.argv[1]), host="0.0.0.0", generate_client_file=False, num_api_servers=1, log_level="warning")
