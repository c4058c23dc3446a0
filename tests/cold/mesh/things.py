"""Cases of the events and the memory: things.py NAME."""

import sys

from wire import Lines, Mqtt, connect, job, until


def events():
    """All qualities, both versions, retained messages, a will, sessions, websockets, TLS, rights."""
    one, two = Mqtt(name="one"), Mqtt(name="two", level=5)
    for quality in range(3):
        print("granted", one.subscribe(f"q{quality}/+/x", quality))
        two.publish(f"q{quality}/a/x", "heard", quality)
        print(one.message())
    two.publish("kept", "for later", 1, retain=True)
    print("retained", Mqtt(name="late").subscribe("kept"), end=" ")
    late = Mqtt(name="late")
    late.subscribe("kept")
    print(late.message())
    print("ping", one.ping() == 0xD0)
    watcher = Mqtt(name="watcher")
    watcher.subscribe("wills")
    dying = Mqtt(name="dying", will=("wills", "gone without a word"))
    dying.sock.close()
    print(watcher.message())
    session = Mqtt(name="session", clean=False)
    session.subscribe("while/away", 1)
    session.end()
    two.publish("while/away", "waited", 1)
    again = Mqtt(name="session", clean=False)
    print("session", again.known, again.message())
    shared = Mqtt(name="shared", level=5)
    shared.subscribe("$share/group/work", 1)
    two.publish("work", "shared", 1)
    print(shared.message())
    guest = Mqtt(name="guest", user="guest")
    guest.subscribe("#")
    two.publish("secret", "not for guests")
    two.publish("public/a", "for guests")
    print("guest", [guest.message() for _ in range(1)])
    print("refused", Mqtt(name="x", password="wrong").code, Mqtt(name="y", user="").code)
    secure = Mqtt(8883, name="secure", tls=True)
    print("tls", secure.sock.version(), secure.ping() == 0xD0)
    web = connect(9001)
    web.sendall(
        b"GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
    )
    print("websocket", web.recv(4096).split(b"\r\n")[0].decode())
    broken = connect(1883)
    broken.sendall(b"\xff\xff\xff\xff\xff")
    try:
        print("nonsense", broken.recv(10))
    except ConnectionError:
        print("nonsense", b"")


def reload():
    """A user that is added while the broker runs; then roles over the wire, by a plugin."""
    print("before", Mqtt(name="new", user="new").code)
    print(*job("change-events"))
    keeper = Mqtt(name="keeper")
    print("after", keeper.ping() == 0xD0)
    print(*job("change-events", "roles"))
    admin = until(lambda: Mqtt(name="admin", level=5))
    print("admin", admin.code, admin.subscribe("$CONTROL/dynamic-security/v1/response"))
    admin.publish(
        "$CONTROL/dynamic-security/v1",
        '{"commands": [{"command": "createRole", "rolename": "teller", "acls": [{"acltype": "publishClientSend", "topic": "tales/#", "allow": true}]}, {"command": "createClient", "username": "fox", "password": "den", "roles": [{"rolename": "teller"}]}, {"command": "listClients"}]}',
    )
    print(admin.message())
    print("fox", Mqtt(name="fox", user="fox", password="den").code, Mqtt(name="bad", user="fox", password="no").code)


def memory():
    """The memory by its own words, through the web server's stream."""
    words = Lines(connect(11212))
    words.say("set a 5 0 3\r\nabc")
    print(words.line())
    for text, lines in (
        ("get a", 3),
        ("gets a", 3),
        ("append a 0 0 1\r\nd", 1),
        ("incr a 1", 1),
        ("mg a v t", 2),
        ("touch a 10", 1),
        ("verbosity 1", 1),
        ("nonsense", 1),
        ("get " + "k" * 300, 1),
    ):
        words.say(text)
        print(text.split()[0], " ".join(" ".join(words.line().split()[:4]) for _ in range(lines)))
    words.say("stats slabs")
    while "END" not in (line := words.line()):
        if "active_slabs" in line:
            print(line)
    words.say("lru tune 10 25 0.1 2.0")
    print(words.line())


globals()[sys.argv[1]]()
