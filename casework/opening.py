"""Opening the records at start: newest version, the right keys, and the tidying that a crash may have left undone."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

from sqlalchemy.exc import IntegrityError

from casework.data_keys import destroy_pending
from casework.keys import BadKeyFile, KeyService, Unreadable
from casework.records import KeyFolder, Records

MARK = "database"


def open_records(url: str, keys: KeyService) -> Records:
    """Records that are ready. Raises BadKeyFile if these keys are not those of this database, Unavailable."""
    records = Records(url, keys)
    try:
        records.migrate()
        bind(records)
        destroy_pending(records)
        records.forget_log()
    except BaseException:
        records.close()
        raise
    return records


def bind(records: Records) -> None:
    """Tie a new database to its keys; check an old one. Raises BadKeyFile.

    With the keys of another database, every conversation would look as if it had been erased.
    """
    try:
        mark = sha256(b"enrum mark" + records.keys.lasting(MARK)).hexdigest()
    except Unreadable:
        raise BadKeyFile("the master key does not open the data keys: it is another one") from None
    with suppress(IntegrityError), records.session() as session:  # another process may be first
        if session.get(KeyFolder, 1) is None:
            session.add(KeyFolder(id=1, mark=mark))
    with records.reading() as session:
        if session.get_one(KeyFolder, 1).mark != mark:
            raise BadKeyFile("the data keys are not those of this database")
