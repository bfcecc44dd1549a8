"""Leave this out."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Skip(JourneyAction):
    act = Act.SKIP
