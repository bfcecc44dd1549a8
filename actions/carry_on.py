"""Go on."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Continue(JourneyAction):
    act = Act.CONTINUE
