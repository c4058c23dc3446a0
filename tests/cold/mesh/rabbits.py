"""Cases of the queue: rabbits.py NAME."""

import base64
import json
import ssl
import sys
import urllib.error
import urllib.request

from wire import HOST, Amqp, Closed, Lines, Mqtt, connect, job, until


def api(path, method="GET", body=None, user="keeper:horse", port=15672):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{HOST}:{port}{path}", data, method=method, headers={"Content-Type": "application/json"})
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as reply:
            return reply.status, reply.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def talk():
    """Queues of three kinds, exchanges of four, refusals."""
    one = Amqp()
    print("product", one.product)
    one.confirm()
    for kind in ("classic", "quorum", "stream"):
        print(kind, one.queue(f"q-{kind}", x_queue_type=kind), one.publish("", f"q-{kind}", f"to {kind}".encode(), confirmed=True))
    print("got", one.get("q-classic")[0], one.get("q-quorum")[0])
    print("streamed", one.consume("q-stream", 1, x_stream_offset="first"))
    one.queue("dead")
    one.queue("living", x_dead_letter_exchange="", x_dead_letter_routing_key="dead", x_max_priority=5)
    one.publish("", "living", b"to be refused", confirmed=True)
    one.reject(one.get("living")[1])
    print("dead letter", until(lambda: one.get("dead"))[0])
    for kind, key, asked in (("topic", "a.*.c", "a.b.c"), ("fanout", "", "any"), ("headers", "", "none"), ("direct", "k", "k")):
        one.exchange(f"x-{kind}", kind)
        one.queue(f"from-{kind}")
        one.bind(f"from-{kind}", f"x-{kind}", key)
        one.publish(f"x-{kind}", asked, kind.encode(), confirmed=True)
        found = one.get(f"from-{kind}")
        print(kind, found and found[0])
    one.publish("", "q-classic", b"y" * 300_000, confirmed=True)
    print("large", until(lambda: Amqp().get("q-classic") or None)[0].count("y"))
    for deed in (
        lambda: Amqp(password="wrong"),
        lambda: Amqp(vhost="nowhere"),
        lambda: Amqp().get("no such queue"),
        lambda: Amqp().queue("q-quorum", x_queue_type="classic"),
    ):
        try:
            deed()
            print("no refusal")
        except Closed as error:
            print("refused", str(error)[:60])
        except EOFError:
            print("refused without a word")
    sock = connect(5672)
    sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
    print("told", sock.recv(8))


def plugins():
    """Plugins that are enabled while the broker runs."""
    Amqp()
    print(*job("queue-plugins", "rabbitmq_management", "rabbitmq_mqtt", "rabbitmq_shovel", "rabbitmq_shovel_management"))
    until(lambda: api("/api/overview")[0] == 200)
    overview = json.loads(until(lambda: api("/api/overview")[1]))
    print("overview", overview["rabbitmq_version"].split(".")[0], overview["node"], [item["name"] for item in overview["exchange_types"]])
    print(
        "page",
        "RabbitMQ Management" in api("/")[1],
        "script",
        len(api("/js/main.js")[1]) > 1000,
        "help",
        api("/api/index.html")[0],
        api("/cli/rabbitmqadmin")[0],
    )
    print("without a password", api("/api/queues", user="")[0], "unknown", api("/api/queues/%2F/none")[0])
    print(
        "queue",
        api("/api/queues/%2F/there", "PUT", {"durable": True})[0],
        api("/api/queues/%2F/here", "PUT", {"durable": True, "arguments": {"x-queue-type": "quorum"}})[0],
    )
    shovel = {
        "value": {
            "src-protocol": "amqp091",
            "src-uri": "amqp://keeper:horse@127.0.0.1",
            "src-queue": "here",
            "dest-protocol": "amqp10",
            "dest-uri": "amqp://keeper:horse@127.0.0.1",
            "dest-address": "/queues/there",
        }
    }
    print("shovel", api("/api/parameters/shovel/%2F/moving", "PUT", shovel)[0])
    sent = api(
        "/api/exchanges/%2F/amq.default/publish",
        "POST",
        {"properties": {"delivery_mode": 2}, "routing_key": "here", "payload": "moved", "payload_encoding": "string"},
    )
    print("published", sent)
    take = {"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"}
    got = until(lambda: json.loads(api("/api/queues/%2F/there/get", "POST", take)[1]))
    print("moved", got[0]["payload"], "state", [item["state"] for item in json.loads(api("/api/shovels")[1])])
    print("definitions", sorted(json.loads(api("/api/definitions")[1]))[:4])
    print(
        "user",
        api("/api/users/roe", "PUT", {"password": "deer", "tags": "monitoring"})[0],
        api("/api/whoami", user="roe:deer")[1],
        api("/api/users", user="roe:deer")[0],
    )
    print("health", api("/api/health/checks/local-alarms")[1])
    thing = Mqtt(1884, name="thing")
    rabbit = Amqp()
    rabbit.queue("from things")
    rabbit.bind("from things", "amq.topic", "house.#")
    thing.publish("house/cellar", "cold", 1)
    print("from MQTT", until(lambda: rabbit.get("from things"))[0])
    five = Mqtt(1884, name="five", level=5)
    five.subscribe("answers/#", 1)
    rabbit.publish("amq.topic", "answers.one", b"to things")
    print("to MQTT", five.message(), "refused", Mqtt(1884, name="bad", password="no").code != 0)


def setup():
    """Users, rights and rules by a job of the image, and what they do."""
    print(*job("queue-setup"))
    hare = Amqp("hare", "horse", "orders")
    hare.confirm()
    hare.queue("short.one")
    print([hare.publish("", "short.one", b"x", confirmed=True) for _ in range(3)])
    try:
        Amqp("hare", "horse", "/")
    except Closed as error:
        print("refused", error)
    print(*job("queue-health"))


def guarded():
    """Another configuration: TLS, definitions from a file, rights that a web service knows, STOMP, metrics."""
    secure = Amqp(port=5671, tls=True, wait=180)
    print("tls", secure.sock.version(), secure.sock.cipher()[0].startswith("TLS_"))
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with old.wrap_socket(connect(5671)) as sock:
        print("tls", sock.version())
    secure.confirm()
    print("hashed", secure.publish("shards", "5", b"over shards", confirmed=True), secure.get("letters")[0])
    stranger = Amqp("stranger", "any")
    print("stranger", stranger.queue("of a stranger"))
    stomp = Lines(connect(61613))
    stomp.sock.sendall(
        b"CONNECT\naccept-version:1.2\nhost:/\nlogin:keeper\npasscode:horse\n\n\0SUBSCRIBE\nid:1\ndestination:/queue/news\nack:auto\n\n\0SEND\ndestination:/queue/news\n\nby stomp\0"
    )
    text = b""
    while b"by stomp" not in text:
        text += stomp.sock.recv(4096)
    print("stomp", text.split(b"\n")[0].decode(), "MESSAGE" in text.decode())
    metrics = until(lambda: api("/metrics", user="", port=15692)[1])
    print(
        "metrics",
        "rabbitmq_build_info" in metrics,
        "erlang_vm_memory_bytes_total" in metrics,
        "detailed",
        "rabbitmq_detailed_queue_messages" in api("/metrics/detailed?family=queue_coarse_metrics", user="", port=15692)[1],
    )


globals()[sys.argv[1]]()
