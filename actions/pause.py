"""Go, and come back with the code."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Pause(JourneyAction):
    act = Act.PAUSE
