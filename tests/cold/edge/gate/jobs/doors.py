import os


def work(what="ldap"):
    if what == "ldap":
        import ldap

        try:
            ldap.initialize("ldap://127.0.0.1:9").simple_bind_s("cn=a", "b")
        except ldap.LDAPError as error:
            return f"{type(error).__name__} {ldap.SASL_AVAIL} {ldap.TLS_AVAIL}\n"
    if what == "sasl":
        import ldap
        import ldap.sasl

        try:
            ldap.initialize("ldap://127.0.0.1:9").sasl_interactive_bind_s("", ldap.sasl.digest_md5("a", "b"))
        except ldap.LDAPError as error:
            return f"{type(error).__name__}\n"
    if what == "kerberos":
        import gssapi

        try:
            gssapi.Credentials(usage="initiate")
        except gssapi.exceptions.GSSError as error:
            return f"{type(error).__name__} {len(gssapi.mechs.indicate_mechs() if hasattr(gssapi.mechs, 'indicate_mechs') else list(gssapi.mechs.Mechanism.all_mechs())) > 0}\n"
    if what == "odbc":
        import pyodbc

        with pyodbc.connect("DSN=counts") as base:
            return f"{base.execute('select 6 * 7').fetchone()[0]} {sorted(pyodbc.drivers())}\n"
    if what == "card":
        import PyKCS11

        os.makedirs("/tmp/tokens", exist_ok=True)
        library = PyKCS11.PyKCS11Lib()
        library.load("/usr/lib/softhsm/libsofthsm2.so")
        return f"{library.getInfo().manufacturerID.strip()}\n"
    if what == "seal":
        import gpg

        with gpg.Context(armor=True) as context:
            context.home_dir = "/tmp/ring"
            os.makedirs("/tmp/ring", 0o700, exist_ok=True)
            context.create_key("Gate <gate@example.org>", algorithm="ed25519", sign=True, passphrase=None)
            signed, result = context.sign(b"open", mode=gpg.constants.sig.mode.CLEAR)
            return f"{result.signatures[0].hash_algo > 0} {signed.splitlines()[0]}\n"
    if what == "words":
        import enchant

        return f"{enchant.Dict('de_DE').check('Haus')} {enchant.Dict('en_US').suggest('gatte')[:1]} {sorted(enchant.list_languages())[:2]}\n"
    if what == "usb":
        import usb.core

        try:
            return f"{usb.core.find() is None or True}\n"
        except usb.core.NoBackendError:
            return "no backend\n"
    if what == "queue":
        import zmq

        context = zmq.Context()
        one, two = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        one.bind("inproc://a")
        two.connect("inproc://a")
        two.send(b"x")
        return f"{one.recv()} {zmq.has('curve')}\n"
    if what == "graph":
        import pygraphviz

        graph = pygraphviz.AGraph(directed=True)
        graph.add_edge("a", "b")
        return f"{graph.draw(format='svg', prog='dot')[:5]} {graph.draw(format='png', prog='neato')[:4]}\n"
    if what == "bus":
        import subprocess

        done = subprocess.run(
            ["dbus-run-session", "--", "python3", "-c", "import dbus; print(len(dbus.SessionBus().list_names()) > 0)"],
            capture_output=True,
            text=True,
            check=False,
        )
        return f"{done.returncode} {done.stdout}"
    if what == "mqtt":
        import paho.mqtt.client as mqtt

        try:
            mqtt.Client(mqtt.CallbackAPIVersion.VERSION2).connect("127.0.0.1", 9)
        except OSError as error:
            return f"{type(error).__name__}\n"
    return "nothing\n"
