"""Behind the cover: read about the next meeting."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class CoverMeeting(JourneyAction):
    act = Act.COVER_MEETING
