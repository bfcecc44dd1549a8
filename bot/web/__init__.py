"""The web channel: the applicant's page, and the conversation API under it."""
