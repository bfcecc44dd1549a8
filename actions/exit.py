"""Leave at once."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Exit(JourneyAction):
    act = Act.EXIT
