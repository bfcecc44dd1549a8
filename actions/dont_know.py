"""Does not know."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class DontKnow(JourneyAction):
    act = Act.DONT_KNOW
