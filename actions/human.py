"""Asks for a human."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Human(JourneyAction):
    act = Act.HUMAN
