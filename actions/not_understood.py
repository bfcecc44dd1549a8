"""Words that were not understood."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class NotUnderstood(JourneyAction):
    act = Act.NOT_UNDERSTOOD
