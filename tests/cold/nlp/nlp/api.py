"""The service: HTTP by Starlette, gRPC beside it."""
import contextlib
import io
import logging

import numpy as np
from pydantic import BaseModel, Field, ValidationError, field_validator
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute

from nlp import engine, rpc

log = logging.getLogger("nlp")


class Text(BaseModel):
    text: str = Field(min_length=1, max_length=10000)
    language: str = "en"

    @field_validator("language")
    @classmethod
    def short(cls, value: str) -> str:
        if not 2 <= len(value) <= 3:
            raise ValueError("a language has two or three letters")
        return value


async def given(request):
    return Text.model_validate_json(await request.body())


async def health(_):
    return JSONResponse({"status": "ok"})


async def classify(request):
    text = await given(request)
    score = engine.classify(text.text)
    return JSONResponse({"good": score > 0.5, "finite": bool(np.isfinite(score)), "pieces": engine.pieces().encode(text.text).tokens})


async def entities(request):
    text = await given(request)
    doc = engine.pipeline(text.language)(text.text)
    return JSONResponse({"tokens": [token.text for token in doc], "sentences": len(list(doc.sents)), "entities": [(span.text, span.label_) for span in doc.ents]})


async def score(request):
    body = await request.json()
    return JSONResponse({"scores": engine.scorer().run(None, {"x": np.array(body["rows"], np.float32)})[0].round(4).tolist()})


async def words(request):
    text = await given(request)
    from nltk.corpus import stopwords
    from nltk.tokenize import sent_tokenize

    language = {"en": "english", "de": "german"}.get(text.language, text.language)
    left_out = set(stopwords.words(language))
    return JSONResponse({"sentences": sent_tokenize(text.text, language), "words": [word for word in text.text.lower().split() if word not in left_out]})


async def picture(request):
    import cv2

    form = await request.form()
    image = cv2.imdecode(np.frombuffer(await form["file"].read(), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return PlainTextResponse("not a picture", 415)
    done, data = cv2.imencode(request.path_params["to"], cv2.resize(image, None, fx=2, fy=2))
    return Response(bytes(data), media_type="application/octet-stream")


async def sound(request):
    import soundfile

    form = await request.form()
    try:
        samples, rate = soundfile.read(io.BytesIO(await form["file"].read()))
    except soundfile.LibsndfileError as error:
        return PlainTextResponse(str(error), 415)
    return JSONResponse({"seconds": len(samples) / rate, "loudest": round(float(abs(samples).max()), 3)})


async def stream(request):
    text = await given(request)

    async def lines():
        for token in engine.pipeline(text.language)(text.text):
            yield f"data: {token.text}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


async def page(request):
    from starlette.templating import Jinja2Templates

    return Jinja2Templates("/etc/nlp/pages").TemplateResponse(request, request.path_params["name"], {"who": "Ann"})


async def talk(socket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_json([token.text for token in engine.pipeline()(text)])


async def invalid(_, error):
    return JSONResponse({"errors": error.errors(include_url=False, include_context=False, include_input=False)}, 422)


async def failed(_, error):
    return JSONResponse({"error": type(error).__name__, "message": str(error)[:300]}, 500)


@contextlib.asynccontextmanager
async def lifespan(_):
    server = await rpc.start()
    yield
    await server.stop(1)


ROUTES = [
    Route("/health", health), Route("/classify", classify, methods=["POST"]), Route("/entities", entities, methods=["POST"]), Route("/score", score, methods=["POST"]),
    Route("/words", words, methods=["POST"]), Route("/picture/{to}", picture, methods=["POST"]), Route("/sound", sound, methods=["POST"]),
    Route("/stream", stream, methods=["POST"]), Route("/page/{name}", page), WebSocketRoute("/talk", talk),
]
app = Starlette(routes=ROUTES, lifespan=lifespan, exception_handlers={ValidationError: invalid, Exception: failed})
