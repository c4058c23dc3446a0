"""The service: small answers of its own, and jobs that other programs do."""

import subprocess
import traceback

from flask import Flask, request

from desk import registry

app = Flask("desk")


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/upper")
def upper():
    return {"text": request.get_json()["text"].upper()}


@app.post("/jobs/<name>")
def job(name):
    arguments = request.get_json(silent=True) or []
    try:
        return registry.start(name, arguments), 200, {"content-type": "text/plain; charset=utf-8"}
    except registry.Unknown as error:
        return f"unknown job: {error}\n", 404
    except subprocess.CalledProcessError as error:
        return f"{name} ended with {error.returncode}\n{error.stdout}{error.stderr}", 502
    except Exception:
        return traceback.format_exc(), 500
