"""Models from where they are kept: buckets of three clouds, a web server, a file."""

from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from predictor.settings import settings


def fetch(uri: str) -> str:
    parts = urlsplit(uri)
    target = Path("/tmp") / f"{uuid4().hex}-{Path(parts.path).name}"
    target.write_bytes(globals()[f"_{parts.scheme or 'file'}"](parts, settings().stores.get(parts.scheme, {})))
    return str(target)


def _file(parts, _options):
    return Path(parts.path).read_bytes()


def _http(parts, options):
    import httpx

    return httpx.get(parts.geturl(), trust_env=False, **options).raise_for_status().content


def _s3(parts, options):
    import boto3

    client = boto3.client("s3", **options)
    return client.get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))["Body"].read()


def _s3a(parts, options):
    from pyarrow import fs

    with fs.S3FileSystem(**options).open_input_stream(f"{parts.netloc}{parts.path}") as stream:
        return stream.read()


def _gs(parts, options):
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client(project="predictor", credentials=AnonymousCredentials(), client_options=options)
    return client.bucket(parts.netloc).blob(parts.path.lstrip("/")).download_as_bytes()


def _az(parts, options):
    from azure.storage.blob import BlobServiceClient

    service = BlobServiceClient.from_connection_string(options["connection"])
    return service.get_blob_client(parts.netloc, parts.path.lstrip("/")).download_blob().readall()
