from typing import Optional

from shop.app import metrics, ratelimiter
from shop.models import Session, User


def login(email: str, password: str) -> Optional[Session]:
    ratelimiter.check(f"login:{email}")
    user = User.find(email=email)
    if user is None or not user.active or not user.check_password(password):
        metrics.increment("login.failed")
        return None
    metrics.increment("login.done")
    return Session(user_id=user.id).save()
