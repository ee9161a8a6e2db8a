from shop.models import Session, User, logging

log = logging.getLogger(__name__)


def remove_orphans() -> int:
    users = {user.id for user in User.all()}
    orphans = [session for session in Session.all() if session.user_id not in users]
    for session in orphans:
        session.delete()
    log.info("removed %d sessions", len(orphans))
    return len(orphans)
