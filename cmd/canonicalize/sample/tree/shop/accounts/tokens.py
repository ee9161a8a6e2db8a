from typing import List

from shop.models import (
    ApiToken,
    AuditEntry,
    NotFound,
    Organization,
    Session,
    Team,
    User,
    record,
)


def issue(user: User, *scopes: str) -> ApiToken:
    record(user.id, "issued a token")
    return ApiToken(user_id=user.id, scopes=scopes).save()


def issued(user: User) -> List[AuditEntry]:
    entries = AuditEntry.all()
    return [e for e in entries if (e.actor, e.action) == (user.email, "issued a token")]


def for_organization(organization: Organization, *scopes: str) -> List[ApiToken]:
    members = [user for user in User.all() if organization in user.organizations]
    return [issue(user, *scopes) for user in members]


def owner(token: str) -> User:
    found = ApiToken.find(token=token)
    if found is None:
        raise NotFound("no such token")
    return User.get(found.user_id)


def revoke(team: Team) -> None:
    for row in ApiToken.all() + Session.all():
        if row.user_id in team.members:
            row.delete()
