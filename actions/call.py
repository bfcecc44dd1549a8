"""Be contacted by a call."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Call(JourneyAction):
    act = Act.CALL
