from dataclasses import dataclass

from .base import Model

__all__ = ["AuditEntry", "record"]


@dataclass
class AuditEntry(Model):
    actor: str = ""
    action: str = ""


def record(user_id: int, action: str) -> AuditEntry:
    from shop.models import NotFound, User

    try:
        actor = User.get(user_id).email
    except NotFound:
        actor = "nobody"
    return AuditEntry(actor=actor, action=action).save()
