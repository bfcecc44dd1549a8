"""A sign of danger at this moment."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class DangerNow(JourneyAction):
    act = Act.DANGER_NOW
