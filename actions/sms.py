"""Be contacted by a text message."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class Sms(JourneyAction):
    act = Act.SMS
