import graphene

from atlas.store import GRAPH


class Query(graphene.ObjectType):
    statements = graphene.Int()
    day = graphene.Date(of=graphene.String(required=True))

    def resolve_statements(self, info):
        return len(GRAPH)

    def resolve_day(self, info, of):
        import datetime

        return datetime.date.fromisoformat(of)


schema = graphene.Schema(query=Query)
