"""Words for a step that waits for words."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Told(JourneyAction):
    act = Act.TOLD
