import hashlib
from dataclasses import dataclass, field
from typing import List

from .base import Model
from .organization import Organization

__all__ = ["AnonymousUser", "User", "hash_password"]


def hash_password(password: str) -> str:
    return hashlib.sha256(("shop:" + password).encode()).hexdigest()


@dataclass
class User(Model):
    email: str = ""
    name: str = ""
    password: str = ""
    active: bool = True
    organizations: List[Organization] = field(default_factory=list)

    def check_password(self, password: str) -> bool:
        return self.password == hash_password(password)

    def set_password(self, password: str) -> None:
        self.password = hash_password(password)


class AnonymousUser:
    id = 0
    email = ""
    name = "Guest"
    active = False
