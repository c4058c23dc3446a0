"""A page of the web."""
import httpx


def run(url: str) -> str:
    try:
        return str(httpx.get(url, timeout=5).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__
