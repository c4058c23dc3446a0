"""Clients of stores and queues that are not there, and what they do without one."""

import asyncio


def s3(service: str = "s3") -> dict:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"max_attempts": 0}),
    )
    try:
        url = client.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})[:20] if service == "s3" else ""
        operation = {
            "s3": "list_buckets",
            "sqs": "list_queues",
            "dynamodb": "list_tables",
            "bedrock-runtime": "list_async_invokes",
            "sts": "get_caller_identity",
        }[service]
        getattr(client, operation)()
    except (BotoCoreError, ClientError) as error:
        return {"url": url, "error": type(error).__name__, "waiters": len(client.waiter_names)}
    return {}


def s3_resource() -> dict:
    import boto3

    table = boto3.resource("dynamodb", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b").Table("t")
    return {"name": table.name, "regions": "eu-west-1" in boto3.session.Session().get_available_regions("ec2")}


def google() -> dict:
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client("p", AnonymousCredentials(), client_options={"api_endpoint": "http://127.0.0.1:9"})
    try:
        client.bucket("b").blob("k").download_as_bytes(timeout=2, retry=None)
    except (GoogleAPICallError, OSError) as error:
        return {"error": type(error).__name__}
    return {}


def azure() -> dict:
    from datetime import UTC, datetime

    from azure.core.exceptions import AzureError
    from azure.storage.blob import BlobSasPermissions, BlobServiceClient, generate_blob_sas

    token = generate_blob_sas("acc", "c", "b", account_key="a2V5", permission=BlobSasPermissions(read=True), expiry=datetime(2030, 1, 1, tzinfo=UTC))
    client = BlobServiceClient("http://127.0.0.1:9/acc", credential="a2V5", retry_total=0)
    try:
        client.get_blob_client("c", "b").download_blob().readall()
    except AzureError as error:
        return {"signed": "sig=" in token, "error": type(error).__name__}
    return {}


def kafka() -> dict:
    from confluent_kafka import KafkaException, Producer
    from confluent_kafka.admin import AdminClient

    producer = Producer(
        {
            "bootstrap.servers": "127.0.0.1:9",
            "compression.type": "zstd",
            "security.protocol": "SASL_SSL",
            "sasl.mechanisms": "SCRAM-SHA-256",
            "sasl.username": "a",
            "sasl.password": "b",
            "message.timeout.ms": 500,
        }
    )
    producer.produce("t", b"tea")
    left = producer.flush(2)
    try:
        AdminClient({"bootstrap.servers": "127.0.0.1:9"}).list_topics(timeout=1)
    except KafkaException as error:
        return {"left": left, "error": error.args[0].name()}
    return {}


async def akafka() -> dict:
    from aiokafka import AIOKafkaProducer
    from aiokafka.errors import KafkaConnectionError

    producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:9", compression_type="gzip")
    try:
        await producer.start()
    except KafkaConnectionError as error:
        return {"error": type(error).__name__}
    finally:
        await producer.stop()
    return {}


async def queues() -> dict:
    import nats
    import pika

    out = {}
    try:
        pika.BlockingConnection(pika.URLParameters("amqp://127.0.0.1:9/?connection_attempts=1&retry_delay=0&socket_timeout=2"))
    except Exception as error:
        out["amqp"] = type(error).__name__
    try:
        await asyncio.wait_for(nats.connect("nats://127.0.0.1:9", max_reconnect_attempts=1, connect_timeout=1, reconnect_time_wait=0, allow_reconnect=False), 5)
    except Exception as error:
        out["nats"] = type(error).__name__
    return out


async def databases() -> dict:
    import redis
    from elasticsearch import Elasticsearch
    from pymongo import AsyncMongoClient, MongoClient

    out = {}
    for name, ask in {
        "mongo": lambda: MongoClient("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500&authMechanism=SCRAM-SHA-256&username=a&password=b").admin.command(
            "ping"
        ),
        "redis": lambda: redis.Redis(port=9).ping(),
        "elastic": lambda: Elasticsearch("http://127.0.0.1:9", max_retries=0).info(),
    }.items():
        try:
            ask()
        except Exception as error:
            out[name] = type(error).__name__
    try:
        await AsyncMongoClient("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300").admin.command("ping")
    except Exception as error:
        out["amongo"] = type(error).__name__
    return out


def people() -> dict:
    import dns.resolver
    import ldap3
    import paramiko
    import zeep

    out = {}
    try:
        dns.resolver.Resolver(configure=False).resolve("example.org")
    except Exception as error:
        out["dns"] = type(error).__name__
    server = ldap3.Server("fake")
    link = ldap3.Connection(server, "cn=a,ou=t", "b", client_strategy=ldap3.MOCK_SYNC)
    link.strategy.add_entry("cn=a,ou=t", {"sn": "tea", "objectClass": "person", "userPassword": "b"})
    out["ldap"] = [link.bind(), link.search("ou=t", "(sn=tea)")]
    key = paramiko.RSAKey.generate(1024)
    out["ssh"] = [key.get_name(), paramiko.Ed25519Key.__name__]
    try:
        paramiko.SSHClient().connect("127.0.0.1", 9)
    except Exception as error:
        out["connect"] = type(error).__name__
    try:
        zeep.Client("/tmp/none.wsdl")
    except Exception as error:
        out["soap"] = type(error).__name__
    return out


async def fetched(how: str = "httpx") -> dict:
    try:
        if how == "httpx":
            import httpx

            async with httpx.AsyncClient(http2=True) as client:
                await client.get("https://127.0.0.1:9/")
        elif how == "socks":
            import httpx

            async with httpx.AsyncClient(proxy="socks5://127.0.0.1:9") as client:
                await client.get("http://127.0.0.1/")
        elif how == "aiohttp":
            import aiohttp

            async with aiohttp.ClientSession() as client, client.get("http://127.0.0.1:9/"):
                pass
        elif how == "grpc":
            import grpc

            async with grpc.aio.insecure_channel("127.0.0.1:9") as channel:
                await channel.unary_unary("/a.b/c")(b"", timeout=1)
    except Exception as error:
        return {"error": type(error).__name__}
    return {}
