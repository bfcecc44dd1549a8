"""Signals in free text: danger, somebody watching, somebody else writing, and what the person wants."""

from safety.signals.finding import Finding, Noticed, Signal, noticed
from safety.signals.signals import Signals

__all__ = ["Finding", "Noticed", "Signal", "Signals", "noticed"]
