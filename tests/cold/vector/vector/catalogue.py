"""What documents there are, by SQLAlchemy."""

import datetime

from sqlalchemy import JSON, DateTime, Integer, String, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from vector.settings import DATABASE


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    parts: Mapped[int] = mapped_column(Integer, default=0)
    extra: Mapped[dict] = mapped_column(JSON, default=dict)
    at: Mapped[datetime.datetime] = mapped_column(DateTime, default=lambda: datetime.datetime.now(datetime.UTC))


engine = create_engine(DATABASE)


def note(name: str, parts: int) -> None:
    with Session(engine) as session:
        session.add(Document(name=name, parts=parts))
        session.commit()


def names() -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(Document.name).order_by(Document.name)))
