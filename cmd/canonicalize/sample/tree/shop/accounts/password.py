from shop.app import mailer
from shop.app import ratelimiter as limiter
from shop.models import NotFound, User, record


def request_reset(email: str) -> bool:
    limiter.check(f"reset:{email}", limit=3)
    user = User.find(email=email)
    if user is None:
        return False
    mailer.send(user.email, "Your new password")
    return True


def change(user_id: int, old: str, new: str) -> None:
    user = User.get(user_id)
    if not user.check_password(old):
        raise NotFound("no user with this password")
    user.set_password(new)
    record(user_id, "changed the password")
