"""pydantic, old and new; what its errors, schemas and optional parts need."""
import dataclasses, datetime, decimal, enum, ipaddress, json, pathlib, re, typing, uuid, warnings

warnings.simplefilter("ignore")
import pydantic
from pydantic import BaseModel, ConfigDict, Field, RootModel, TypeAdapter, ValidationError, computed_field, create_model, field_serializer, model_validator, root_validator, validate_call, validator


class Colour(enum.Enum):
    RED = "red"


class New(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, json_schema_extra={"examples": []})
    when: datetime.datetime
    cost: decimal.Decimal = Field(gt=0, max_digits=5)
    colour: Colour = Colour.RED
    site: pydantic.HttpUrl | None = None
    net: ipaddress.IPv4Network | None = None
    key: uuid.UUID | None = None
    pattern: re.Pattern | None = None
    secret: pydantic.SecretStr = pydantic.SecretStr("x")
    size: pydantic.ByteSize = pydantic.ByteSize(1)
    tree: "New | None" = None

    @computed_field
    @property
    def year(self) -> int:
        return self.when.year

    @field_serializer("cost")
    def shown(self, value):
        return f"{value:.2f}"

    @model_validator(mode="after")
    def whole(self):
        return self


one = New.model_validate_json('{"when": "2026-07-01T00:00:00+02:00", "cost": "1.5", "site": "https://bücher.example/x", "net": "10.0.0.0/8", "size": "3MiB", "tree": {"when": 0, "cost": 2}}')
print(one.model_dump_json()[:200], json.dumps(New.model_json_schema())[:80], repr(one)[:60], one.model_copy(update={"cost": 3}).cost)
try:
    New(when="x", cost=-1, colour="blue", other=1, site="no")
except ValidationError as error:
    print(error.error_count(), str(error).splitlines()[0], error.json(include_url=False)[:100])


class Old(BaseModel):
    a: int
    b: list[str] = []

    class Config:
        orm_mode = True

    @validator("a")
    def check(cls, value):
        return value + 1

    @root_validator(pre=True)
    def all(cls, values):
        return values


print(Old.parse_raw('{"a": 1}').dict(), Old.schema_json()[:30], Old(a=2).copy().json())
for name in ("EmailStr", "NameEmail"):
    try:
        TypeAdapter(getattr(pydantic, name)).validate_python("a@b.example")
    except ImportError as error:
        print(name, str(error)[:50])
for bad in (lambda: pydantic.BaseSettings, lambda: pydantic.nothing, lambda: __import__("pydantic_settings")):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0][:60])
print(TypeAdapter(dict[str, tuple[int, typing.Literal["a"]]]).validate_python({"x": ("1", "a")}), RootModel[list[int]]([1, "2"]).root, create_model("Made", a=(int, 1))().a, validate_call(lambda a: a)(1))
from pydantic.dataclasses import dataclass


@dataclass
class Data:
    a: int = 1


print(Data("3").a, TypeAdapter(pydantic.PastDate).validate_python("2001-01-01"), TypeAdapter(pydantic.Json[list[int]]).validate_python("[1]"), TypeAdapter(pydantic.Base64Bytes).validate_python(b"YQ=="))
try:
    from pydantic.v1 import BaseModel as First, BaseSettings, EmailStr, constr

    class Ancient(First):
        a: constr(min_length=2) = "xy"

    print(Ancient.schema(), Ancient(a="long").json())

    class Settings(BaseSettings):
        home: str = ""

        class Config:
            env_prefix = "NLP_"

    print(Settings().home)
    try:
        Ancient(a="x")
    except Exception as error:
        print(type(error).__module__, error.errors())
except Exception as error:
    print("v1:", type(error).__name__, str(error)[:60])
import pydantic.alias_generators, pydantic.experimental.pipeline, pydantic.plugin
