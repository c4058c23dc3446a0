from twisted.application import service
from twisted.internet import defer, endpoints, protocol, reactor
from twisted.logger import Logger

log = Logger("waves")


class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data[::-1])


class Ask(protocol.Protocol):
    def __init__(self, times):
        self.times = times

    def connectionMade(self):
        self.transport.write(b"wave" * self.times)

    def dataReceived(self, data):
        log.info("heard {data}", data=data)
        reactor.stop()


class Waves(service.MultiService):
    def __init__(self, times):
        super().__init__()
        self.times = times

    @defer.inlineCallbacks
    def privilegedStartService(self):
        port = yield endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(protocol.Factory.forProtocol(Echo))
        client = endpoints.clientFromString(reactor, f"tcp:127.0.0.1:{port.getHost().port}")
        yield endpoints.connectProtocol(client, Ask(self.times))
        reactor.callLater(30, reactor.stop)
