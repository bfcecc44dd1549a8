"""Have everything erased: asks first."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Erase(JourneyAction):
    act = Act.ERASE
