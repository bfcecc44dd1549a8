"""Choose a code to come back with."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Code(JourneyAction):
    act = Act.CODE
