"""Go back one step."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Back(JourneyAction):
    act = Act.BACK
