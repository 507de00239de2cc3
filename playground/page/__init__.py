"""A chat client in the browser for the local Discord."""

from playground.page.founding import found
from playground.page.providers import Providers, Sample, Spoken
from playground.page.server import Page

__all__ = ["Page", "Providers", "Sample", "Spoken", "found"]
