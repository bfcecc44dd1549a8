"""Rasa's tracker store, as a part of our own turn.

The tracker is not written here: it is staged on the encounter and goes into the record with everything else of the
turn, sealed, in one transaction. What is kept is flat: the slots and the last `action_listen`. Rules look at one turn,
so nothing older is needed, and no text of the person's is ever in it.

A failure to read must not look like a new conversation (Rasa's fail-safe store does that): there is no I/O here that
could fail, and the fail-safe wrapper is taken off by `bot.engine.agent`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from casework.encounter import current


class TurnTrackerStore(TrackerStore):
    """Keeps the tracker of the current encounter."""

    def __init__(self, domain: Domain | None = None, event_broker: EventBroker | None = None, **_: Any) -> None:
        super().__init__(domain or Domain.empty(), None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None}
        slots.pop("session_started_metadata", None)
        current().snapshot = json.dumps({"slots": slots}).encode()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        snapshot = current().snapshot
        if snapshot is None:
            return None
        slots = json.loads(snapshot)["slots"]
        events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
        events += [SlotSet(name, value) for name, value in slots.items()]
        events.append(ActionExecuted(ACTION_LISTEN_NAME))
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots)

    async def keys(self) -> Iterable[str]:
        return []

    async def delete(self, sender_id: str) -> None:
        """Nothing to do: the snapshot dies with the conversation's key."""
