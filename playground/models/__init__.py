"""A scripted model server: answers computed from what it was really sent, no intelligence."""

from playground.models.calls import ModelCall
from playground.models.faults import Faults, ModelFault
from playground.models.server import RequestCheck, ScriptedModels

__all__ = ["Faults", "ModelCall", "ModelFault", "RequestCheck", "ScriptedModels"]
