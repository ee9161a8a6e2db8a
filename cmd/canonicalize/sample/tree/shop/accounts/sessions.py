from ..models import AnonymousUser, Session, User


def current_user(key: str):
    session = Session.find(key=key)
    if session is None:
        return AnonymousUser()
    return User.get(session.user_id)


def end(key: str) -> None:
    session = Session.find(key=key)
    if session:
        session.delete()
