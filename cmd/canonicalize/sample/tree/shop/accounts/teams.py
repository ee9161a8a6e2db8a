from shop.models import Organization, Team, User


def found(organization: Organization, name: str) -> Team:
    team = Team(name=name).save()
    organization.teams.append(team)
    return team


def add(team: Team, user: User) -> None:
    if user.id not in team.members:
        team.members.append(user.id)


def members(team: Team) -> list:
    return [User.get(id) for id in team.members]
