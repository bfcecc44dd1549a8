"""A sign that somebody else writes."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class OtherPerson(JourneyAction):
    act = Act.OTHER_PERSON
