"""The phone: calls by keys and neutral SMS, over Twilio. A change of carrier touches this folder only."""
