"""The Rasa agent, loaded as a library and checked to be what it should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.engine import quiet, stand_in

quiet.configure()
stand_in.install()

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import LockStore

from bot.engine.endpoint import InProcessActions, TurnAborted
from bot.engine.speech import CatalogueSpeech, Collected
from bot.engine.store import TurnTrackerStore
from bot.logs import place_of
from screening.journey.says import Say

__all__ = ["RasaEngine", "TurnAborted"]


class NotReady(RuntimeError):
    """The agent is not the one that was asked for: Rasa swallows such errors and serves something else."""


class _NoLock(LockStore):
    """Turns of one conversation are already one at a time (`bot.turns`): Rasa's lock would poll once a second."""

    @asynccontextmanager
    async def lock(self, conversation_id: str, *args: Any, **kwargs: Any) -> AsyncIterator[None]:
        yield


class RasaEngine:
    """Picks the act for what a person did, and runs it. Needs an encounter in place (`casework.encounter`)."""

    def __init__(self, agent: Agent, actions: InProcessActions) -> None:
        self._agent = agent
        self.actions = actions

    @classmethod
    def load(cls, model: Path) -> RasaEngine:
        """Load a trained model. Raises NotReady when Rasa did not take the model, the store or the actions."""
        actions, store = InProcessActions("actions"), TurnTrackerStore()
        agent = Agent(generator=CatalogueSpeech(), tracker_store=store, lock_store=_NoLock(), action_endpoint=actions)
        agent.load_model(model)
        if agent.processor is None or agent.domain is None:
            raise NotReady(f"no model in {model}")
        # Rasa wraps every store so that an error starts the person over; ours must fail the turn instead.
        agent.tracker_store = agent.processor.tracker_store = store
        store.domain = agent.domain
        missing = {name for name in agent.domain.user_actions if name.startswith("action_")} - set(actions.names)
        if missing or not agent.is_ready() or agent.processor.tracker_store is not store:
            raise NotReady(f"the agent lacks {sorted(missing) or 'its own tracker store'}")
        return cls(agent, actions)

    async def act(self, conversation_id: str, text: str | None, intent: str | None, deadline: float) -> list[Say]:
        """Take one turn and return what to say. Either `intent` (a button, key or signal) or `text` is given.

        Raises TurnAborted when anything fails or takes longer than `deadline` seconds: then nothing was staged that
        may be kept.
        """
        out = Collected()
        parse = None if intent is None else _parsed(intent)
        message = UserMessage("" if intent else text, out, conversation_id, parse_data=parse)
        try:
            await asyncio.wait_for(self._agent.handle_message(message), deadline)
        except TurnAborted:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the turn is over
            raise TurnAborted(type(error).__name__, place_of(error.__traceback__)) from None
        return out.says

    async def understand(self, text: str) -> dict[str, Any]:
        """What Rasa makes of words: intent and ranking. For tests and reports."""
        return await self._agent.parse_message(text)


def _parsed(intent: str) -> dict[str, Any]:
    chosen = {"name": intent, "confidence": 1.0}
    return {"text": "", "intent": chosen, "intent_ranking": [chosen], "entities": []}
