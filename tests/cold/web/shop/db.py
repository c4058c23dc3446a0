"""The database."""

import datetime

from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DEFAULT = "sqlite:////var/lib/shop/shop.db"


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str]
    what: Mapped[str]
    price: Mapped[float]
    at: Mapped[datetime.datetime]
    note: Mapped[str] = mapped_column(default="")

    def row(self):
        return {"id": self.id, "who": self.who, "what": self.what, "price": self.price, "at": self.at.isoformat()}


def prepare(url=None):
    Base.metadata.create_all(create_engine(url or DEFAULT))


def orders(engine):
    with Session(engine) as session:
        return [order.row() for order in session.scalars(select(Order).order_by(Order.id))]
