"""Behind the cover: read about papers."""

from actions.act import JourneyAction
from screening.journey.acts import Act


class CoverPapers(JourneyAction):
    act = Act.COVER_PAPERS
