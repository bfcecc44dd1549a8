"""Asks to be asked the questions."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class WantQuestions(JourneyAction):
    act = Act.WANT_QUESTIONS
