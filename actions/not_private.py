"""Somebody else can see or hear."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class NotPrivate(JourneyAction):
    act = Act.NOT_PRIVATE
