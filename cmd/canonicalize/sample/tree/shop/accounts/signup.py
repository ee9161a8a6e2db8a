from shop.app import mailer, publish
from shop.models import User, hash_password, record


class EmailTaken(Exception):
    """Somebody has this address already."""


def sign_up(email: str, name: str, password: str) -> User:
    if User.find(email=email):
        raise EmailTaken(email)
    user = User(email=email, name=name, password=hash_password(password)).save()
    record(user.id, "signed up")
    mailer.send(email, "Welcome to the shop", f"Hello {name}!")
    publish("user.created", user=user)
    return user
