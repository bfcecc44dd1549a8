"""The person tells of using violence."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class UsesViolence(JourneyAction):
    act = Act.USES_VIOLENCE
