"""Done with this."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Finish(JourneyAction):
    act = Act.FINISH
