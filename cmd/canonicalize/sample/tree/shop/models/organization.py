from dataclasses import dataclass, field
from typing import List

from .base import Model

__all__ = ["Organization", "Team"]


@dataclass
class Organization(Model):
    name: str = ""
    vat_number: str = ""
    teams: List["Team"] = field(default_factory=list)


@dataclass
class Team(Model):
    name: str = ""
    members: List[int] = field(default_factory=list)
