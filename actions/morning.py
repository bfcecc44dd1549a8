"""Be contacted in the morning."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Morning(JourneyAction):
    act = Act.MORNING
