"""The same by GraphQL."""

from typing import Any

import strawberry
from strawberry.litestar import make_graphql_controller


@strawberry.type
class Query:
    @strawberry.field
    def providers(self) -> list[str]:
        from importlib.metadata import entry_points

        return sorted(entry_points(group="relay.providers").names)

    @strawberry.field
    def country(self, code: str) -> str:
        import pycountry

        return str(pycountry.countries.lookup(code).name)


def graph() -> Any:
    return make_graphql_controller(strawberry.Schema(Query), path="/graph")
