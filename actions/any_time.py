"""Be contacted at any time of the day."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class AnyTime(JourneyAction):
    act = Act.ANY_TIME
