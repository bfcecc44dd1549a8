"""Makes `rasa shell` talk the journey: actions here, a journey in memory for each sender, words from the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rasa.core.utils import AvailableEndpoints
from rasa_sdk.executor import CollectingDispatcher

from bot import data_files
from bot.engine.endpoint import InProcessActions
from bot.engine.speech import as_say
from bot.settings import from_environment
from bot.talk.place import Place
from bot.talk.view import offered, worded
from casework.encounter import Encounter, enter, leave
from safety.content import Channel
from screening.journey.state import Journey


class Shell(InProcessActions):
    """An action endpoint that brings its own encounters. For developers: nothing is recorded."""

    def __init__(self, actions: InProcessActions) -> None:
        self.__dict__.update(actions.__dict__)
        now = datetime.now(UTC)
        self._place = Place(data_files.catalogue(now.date()), lambda: datetime.now(UTC), lambda at, office: False)
        self._agency = self._place.agency(from_environment().agency)
        self._journeys: dict[str, Journey] = {}

    def take_over_endpoints(self) -> None:
        """Let Rasa find this endpoint instead of the ones in a file."""
        read = AvailableEndpoints.read_endpoints

        def with_ours(endpoint_file: str) -> AvailableEndpoints:
            endpoints = read(endpoint_file)
            endpoints.action = self
            return endpoints

        AvailableEndpoints.read_endpoints = staticmethod(with_ours)

    async def request(self, *args: Any, json: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        sender = str((json or {}).get("sender_id", ""))
        state = self._journeys.get(sender) or Journey(sender, Channel.WEB)
        programme = self._agency.default_programme
        encounter = Encounter(state, self._place.situation(self._agency.id, programme, state.locale))
        token = enter(encounter)
        try:
            result = await super().request(*args, json=json, **kwargs)
        finally:
            leave(token)
        self._journeys[sender] = encounter.state
        result["responses"] = self._in_words(encounter, result.get("responses", []))
        return result

    def _in_words(self, encounter: Encounter, responses: list[dict[str, Any]]) -> list[dict[str, Any]]:
        says = [as_say(_plain(response["say"])) for response in responses if response.get("say")]
        messages = worded(self._place, encounter.state, encounter.situation, says)
        dispatcher = CollectingDispatcher()
        for message in messages:
            dispatcher.utter_message(text=message.text)
        choices = offered(self._place, encounter.state, encounter.situation)
        if dispatcher.messages:
            dispatcher.messages[-1]["buttons"] = [{"title": c.label, "payload": f"/{c.id}"} for c in choices]
        return list(dispatcher.messages)


def _plain(say: dict[str, Any]) -> dict[str, Any]:
    return {**say, "content_class": str(say["content_class"]), "block": str(say["block"])}
