"""Tables about data keys. No key is ever in the database: `casework.keys` says why."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base


class KeyToDestroy(Base):
    """Written in the transaction that ends a key's owner, gone once the key is known to be destroyed."""

    __tablename__ = "key_to_destroy"

    owner: Mapped[str] = mapped_column(String(40), primary_key=True)
    """`conversation:<id>` or `handover:<id>`"""


class KeyFolder(Base):
    """Which keys belong to this database: one row. With other keys everything would look erased."""

    __tablename__ = "key_folder"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(64))
    """SHA-256 of a lasting key."""
