"""`enrum serve` with faults planted: certain words from a person break an action, the database, a template, a task.

Every planted error carries the person's words in its text, as careless code would.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

from jinja2 import Template
from sqlalchemy import text

from bot.command import main
from bot.talk.hearing import Heard
from bot.talk.reply import Reply
from bot.talk.turns import Turns
from casework.encounter import Encounter
from casework.intake import Intake
from casework.messages import StoredMessage
from casework.turn import Turn
from screening.journey.acts import Act

_said: ContextVar[str] = ContextVar("said", default="")
"""What the person wrote in this request."""


def plant() -> None:
    meet, commit, take, render = Encounter.meet, Intake.commit, Turns.take, Template.render

    def broken_meet(self: Encounter, act: Act) -> Any:
        if "plantaction" in self.situation.typed:
            raise ValueError(f"cannot meet {self.situation.typed}")
        return meet(self, act)

    def broken_commit(self: Intake, turn: Turn) -> list[StoredMessage]:
        said = _said.get()
        if "plantdatabase" in said:
            with self._records.session() as session:
                session.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": said})
        return commit(self, turn)

    async def broken_take(self: Turns, conversation_id: str, heard: Heard, token: str | None = None) -> Reply:
        said = heard.text or ""
        _said.set(said)
        if "planttask" in said:
            asyncio.get_running_loop().create_task(fail(said))
        return await take(self, conversation_id, heard, token)

    def broken_render(self: Template, *args: Any, **kwargs: Any) -> str:
        said = _said.get()
        if "planttemplate" in said:
            raise RuntimeError(f"cannot show {said}")
        return str(render(self, *args, **kwargs))

    async def fail(words: str) -> None:
        raise LookupError(words)

    Encounter.meet, Intake.commit = broken_meet, broken_commit  # type: ignore[method-assign]
    Turns.take, Template.render = broken_take, broken_render  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    plant()
    main(["serve"])
