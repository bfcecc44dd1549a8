"""Asks what happens with what is said."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class WhatHappens(JourneyAction):
    act = Act.WHAT_HAPPENS
