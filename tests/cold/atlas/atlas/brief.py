from rdflib.serializer import Serializer


class BriefSerializer(Serializer):
    def serialize(self, stream, base=None, encoding=None, **args):
        stream.write(f"{len(self.store)} statements about {len(set(self.store.subjects()))}\n".encode())
