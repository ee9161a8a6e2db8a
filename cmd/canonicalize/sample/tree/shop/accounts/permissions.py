from shop.models import AnonymousUser, Any, ApiToken


def may(who: Any, scope: str) -> bool:
    if isinstance(who, AnonymousUser):
        return False
    if isinstance(who, ApiToken):
        return who.allows(scope)
    return who.active
