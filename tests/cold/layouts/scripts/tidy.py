import plistlib
import sched
import xmlrpc.client

answer = plistlib.dumps({"a": given}).splitlines()[0], xmlrpc.client.dumps((given,), "f")[:30], sched.Event._fields
