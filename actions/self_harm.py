"""A sign of thoughts of suicide or self-harm."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class SelfHarm(JourneyAction):
    act = Act.SELF_HARM
