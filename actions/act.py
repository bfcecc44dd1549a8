"""What every action does: let the journey meet the act, and say the result. The words come from the catalogue (NLG)."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from casework.encounter import current
from screening.journey.acts import Act

RESPONSE = "say"
"""The name under which Rasa asks the NLG for words."""


class JourneyAction(Action, ABC):
    """An action for one act. Subclasses name the act; Rasa knows it as `action_<act>`."""

    @property
    @abstractmethod
    def act(self) -> Act:
        """Set as a class attribute."""

    def name(self) -> str:
        return f"action_{self.act.value}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        encounter = current()
        # Off the event loop: what is kept and who is at the desk are looked up where the journey asks.
        for say in await asyncio.to_thread(encounter.meet, self.act):
            dispatcher.utter_message(response=RESPONSE, say=asdict(say))
        return [SlotSet("stage", encounter.state.stage.value)]
