"""Be contacted in the afternoon."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Afternoon(JourneyAction):
    act = Act.AFTERNOON
