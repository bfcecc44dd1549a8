"""The person is alone: no one else can see or hear."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Private(JourneyAction):
    act = Act.PRIVATE
