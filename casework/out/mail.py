"""An e-mail when somebody waits: that somebody does, and where the desk is. Nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from casework.errands import Never, NotNow, Unsure
from casework.letters import Letter
from casework.out.way import News, What


class Server(Protocol):
    """Raises NotNow, Never, Unsure."""

    def send(self, letter: Letter) -> None: ...


class Mail:
    """`subject` and `text` are content: neutral, because a subject shows on locked screens.

    An office that is not in `by_office`, and what belongs to none, goes to `to`.
    """

    name = "mail"
    wants = frozenset({What.WAITING})

    def __init__(
        self,
        server: Server,
        to: Sequence[str],
        subject: str,
        text: str,
        by_office: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._server = server
        self._to = tuple(to)
        self._by_office = {office: tuple(theirs) for office, theirs in (by_office or {}).items()}
        self._subject = subject
        self._text = text

    def tell(self, news: News) -> str:
        # The same name each time that the same news is told.
        to = self._by_office.get(news.office, self._to)
        letter = Letter(to, self._subject, self._text, name=news.id, at=news.at)
        try:
            self._server.send(letter)
        except (Never, Unsure) as error:
            # A mailbox of the agency's own that is full or missing is put right within days, and a second letter harms nobody.
            raise NotNow(type(error).__name__) from None
        return ""
