"""A chat client in the browser for the local Discord."""

from playground.page.founding import Founded, found
from playground.page.providers import Providers, Sample, Spoken
from playground.page.server import Page

__all__ = ["Founded", "Page", "Providers", "Sample", "Spoken", "found"]
