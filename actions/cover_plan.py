"""Behind the cover: read about the plan."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class CoverPlan(JourneyAction):
    act = Act.COVER_PLAN
