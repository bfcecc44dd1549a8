"""Open one information card."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Card(JourneyAction):
    act = Act.CARD
