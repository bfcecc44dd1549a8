"""Wants to be contacted."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class ContactMe(JourneyAction):
    act = Act.CONTACT_ME
