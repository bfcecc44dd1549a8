"""Say it in plainer words."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Simpler(JourneyAction):
    act = Act.SIMPLER
