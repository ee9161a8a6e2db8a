from shop.models import AuditEntry


def by_actor(email: str) -> list:
    return [entry.action for entry in AuditEntry.all() if entry.actor == email]
