from flask import Flask

app = Flask(__name__)


@app.get("/ready")
def ready() -> str:
    return "ready"
