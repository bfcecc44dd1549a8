"""What is kept about this conversation, and who has opened it."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class WhatIsKept(JourneyAction):
    act = Act.WHAT_IS_KEPT
