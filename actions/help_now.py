"""Asks for help now."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class HelpNow(JourneyAction):
    act = Act.HELP_NOW
