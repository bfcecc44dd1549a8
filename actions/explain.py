"""Asks what the pending item means."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Explain(JourneyAction):
    act = Act.EXPLAIN
