"""Runtimes of one's own."""

import datetime
from typing import List, Optional, Union

import numpy
import pandas
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, PandasCodec, StringCodec, decode_args
from mlserver.errors import MLServerError
from mlserver.logging import logger
from mlserver.types import InferenceRequest, InferenceResponse


class Words(MLModel):
    async def load(self):
        self.shout = self.settings.parameters.extra.get("shout")
        return True

    @decode_args
    async def predict(self, words: List[str], weights: Optional[numpy.ndarray] = None, when: Optional[List[Union[str, datetime.datetime]]] = None) -> List[str]:
        logger.info("words: %d", len(words))
        if words == ["error"]:
            raise MLServerError("no such word", 418)
        if words == ["crash"]:
            return 1 / 0
        said = [word.upper() if self.shout else word for word in words]
        return [*said, *(str(w) for w in (weights.ravel() if weights is not None else ())), *(w.isoformat() for w in when or ())]


class Streaming(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        frame = PandasCodec.decode_request(payload)
        return PandasCodec.encode_response("slow", pandas.DataFrame(frame.describe().round(3)), "v2")

    async def predict_stream(self, payloads):
        async for payload in payloads:
            for word in StringCodec.decode_input(payload.inputs[0])[0].split():
                yield InferenceResponse(
                    model_name="slow", outputs=[StringCodec.encode_output("word", [word]), NumpyCodec.encode_output("n", numpy.array([len(word)]))]
                )
