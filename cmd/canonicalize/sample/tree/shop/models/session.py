import secrets
from dataclasses import dataclass, field

from .base import Model

__all__ = ["ApiToken", "Session"]


@dataclass
class Session(Model):
    user_id: int = 0
    key: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass
class ApiToken(Model):
    user_id: int = 0
    scopes: tuple = ()
    token: str = field(default_factory=lambda: secrets.token_hex(20))

    def allows(self, scope: str) -> bool:
        return scope in self.scopes
