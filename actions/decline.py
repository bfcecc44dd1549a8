"""Does not want to answer this item."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Decline(JourneyAction):
    act = Act.DECLINE
