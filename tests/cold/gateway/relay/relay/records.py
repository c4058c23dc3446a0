"""What was asked, in a database."""

from advanced_alchemy.base import BigIntAuditBase
from sqlalchemy.orm import Mapped, mapped_column


class Asked(BigIntAuditBase):
    __tablename__ = "asked"

    who: Mapped[str]
    prompt: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
