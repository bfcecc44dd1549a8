"""Say it again."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Again(JourneyAction):
    act = Act.AGAIN
