"""No contact, thank you."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class NoContact(JourneyAction):
    act = Act.NONE
