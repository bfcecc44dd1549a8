"""Another time."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Later(JourneyAction):
    act = Act.LATER
