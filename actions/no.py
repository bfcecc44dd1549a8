"""No."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class No(JourneyAction):
    act = Act.NO
