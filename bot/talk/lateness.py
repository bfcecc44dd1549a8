"""Input that answers something which is not being asked: an old screen, a second window, a late tap."""

from __future__ import annotations

from bot.talk import view
from bot.talk.acts import FindSignals, meant
from bot.talk.conversations import Conversations, Now
from bot.talk.hearing import Heard
from bot.talk.outlet import UNKEPT
from screening.journey.acts import Act
from screening.journey.prompt import choices, everywhere
from screening.journey.state import Journey, Step, gate_open


class Lateness:
    """Tells what was meant for this screen from what was not."""

    def __init__(self, conversations: Conversations, find_signals: FindSignals) -> None:
        self._place = conversations.place
        self._find_signals = find_signals

    def not_offered(self, now: Now, heard: Heard, here: Journey) -> bool:
        """Whether the input answers something that is not being asked. What shuts the screen is never too late."""
        if heard.choice == Act.COVER.value and not here.ended:
            return False
        if heard.choice == Act.NOT_PRIVATE.value and gate_open(here, now.situation):
            return False
        if self.answers_older(now, heard, here):
            return True
        return heard.choice is not None and heard.choice not in {
            *choices(now.saved.journey, now.situation),
            *(choice.id for choice in view.offered(self._place, here, now.situation)),
        }

    def answers_older(self, now: Now, heard: Heard, here: Journey) -> bool:
        """Whether something was said after the message that was on the screen.

        What is written to a human reaches the human, and a sign of danger is heeded, whatever was on the screen. Behind the
        cover nothing is shown of what was said since, so that what is done there always answers it: the right word above all.
        """
        typed = heard.text is not None
        taken = view.held(here) or (typed and here.step in (Step.WAITING, Step.COVER)) or _of_the_cover(heard, here)
        if not heard.reply_to or heard.choice in everywhere(here) or taken:
            return False
        if heard.reply_to.startswith(UNKEPT):
            after = heard.reply_to.removeprefix(UNKEPT).partition("-")[0]
            same = after == str(now.turn.last_seq) or (after == "0" and here.step is Step.HELLO)
        else:
            same = now.turn.last_id in ("", heard.reply_to)
        if same or heard.text is None:
            return not same
        return not meant(heard, here, self._find_signals, now.situation.signal_rules).signals


def _of_the_cover(heard: Heard, here: Journey) -> bool:
    return here.step is Step.COVER and (heard.choice or "").startswith("cover_")
