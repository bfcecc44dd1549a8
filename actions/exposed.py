"""The person tells of being exposed to violence."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Exposed(JourneyAction):
    act = Act.EXPOSED
