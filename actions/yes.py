"""Yes."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Yes(JourneyAction):
    act = Act.YES
