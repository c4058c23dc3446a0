"""Documents and their passages in a database, whichever the URL names."""

import datetime
from functools import cache

from sqlalchemy import DateTime, ForeignKey, String, Text, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from papers.settings import settings


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    reader: Mapped[str] = mapped_column(String(40))
    came: Mapped[datetime.datetime] = mapped_column(DateTime, server_default=func.now())
    passages: Mapped[list["Passage"]] = relationship(back_populates="document", cascade="all, delete-orphan")


class Passage(Base):
    __tablename__ = "passages"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[Document] = relationship(back_populates="passages")


@cache
def engine():
    made = create_engine(settings().database)
    Base.metadata.create_all(made)
    return made


def add(name: str, reader: str, passages: list[str]) -> int:
    with Session(engine()) as session:
        document = Document(name=name, reader=reader, passages=[Passage(text=passage) for passage in passages])
        session.add(document)
        session.commit()
        return len(document.passages)


def passages() -> list[tuple[str, str]]:
    with Session(engine()) as session:
        return [tuple(row) for row in session.execute(select(Document.name, Passage.text).join(Passage.document).order_by(Passage.id))]


def remove(name: str) -> int:
    with Session(engine()) as session:
        found = session.scalars(select(Document).where(Document.name == name)).all()
        for document in found:
            session.delete(document)
        session.commit()
        return len(found)


def alive() -> bool:
    with engine().connect() as connection:
        return connection.execute(text("select 1")).scalar() == 1
