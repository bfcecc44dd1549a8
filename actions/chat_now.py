"""Wants to chat with a caseworker now."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class ChatNow(JourneyAction):
    act = Act.CHAT_NOW
