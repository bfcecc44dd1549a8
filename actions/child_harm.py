"""A sign that a child comes to harm."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class ChildHarm(JourneyAction):
    act = Act.CHILD_HARM
