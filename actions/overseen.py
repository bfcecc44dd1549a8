"""A sign that somebody else can see."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Overseen(JourneyAction):
    act = Act.OVERSEEN
