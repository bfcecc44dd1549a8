"""Says hello."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Greet(JourneyAction):
    act = Act.GREET
