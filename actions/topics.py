"""Choose among the information cards."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Topics(JourneyAction):
    act = Act.TOPICS
