"""A scripted model server: answers computed from what it was really sent, no intelligence."""

from playground.models.faults import ModelFault
from playground.models.server import ScriptedModels

__all__ = ["ModelFault", "ScriptedModels"]
