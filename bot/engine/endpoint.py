"""Actions run in this process, and a failed action takes the whole turn with it.

Rasa posts each action to a server over HTTP, and when that fails it logs the error with the transcript, counts the
action as done and goes on: a failed questionnaire then looks like a finished one. Here the call is a function call,
and any failure raises `TurnAborted`, which Rasa's `except Exception` does not catch: nothing is saved, nothing sent.
"""

from __future__ import annotations

from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.logs import place_of


class TurnAborted(BaseException):
    """A turn failed as a whole. `cause` is the name of what went wrong, `place` where in our code; never its text."""

    def __init__(self, cause: str, place: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.place = place


class InProcessActions(EndpointConfig):
    """An action endpoint that runs rasa_sdk actions in this process."""

    def __init__(self, package: str) -> None:
        super().__init__(url="in-process://actions")
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        compile_result_check()

    @property
    def names(self) -> list[str]:
        """Names of the actions that can run."""
        return sorted(self._executor.actions)

    async def request(self, *args: Any, json: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        try:
            result = await self._executor.run(json or {})
        except Exception as error:  # noqa: BLE001 - whatever it was, the turn is over
            raise TurnAborted(type(error).__name__, place_of(error.__traceback__)) from None
        if result is None:
            raise TurnAborted("NoSuchAction")
        return result


def compile_result_check() -> None:
    """Compile the schema for action results once. Rasa re-checks the schema at every action, 24 ms each time."""
    spec = RemoteAction.action_response_format_spec()
    validator = jsonschema.validators.validator_for(spec)(spec)

    def check(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = check
