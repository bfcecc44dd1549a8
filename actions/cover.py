"""Turn the conversation into one about the planning."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Cover(JourneyAction):
    act = Act.COVER
