from __future__ import annotations

from typing import TYPE_CHECKING

from shop.models import COUNTRIES, Address

if TYPE_CHECKING:
    from shop.models import Organization, User


def set_address(user: User, street: str, city: str, country: str) -> Address:
    if country not in COUNTRIES:
        raise ValueError(f"we do not deliver to {country}")
    return Address(user_id=user.id, street=street, city=city, country=country).save()


def join(user: User, organization: Organization) -> None:
    if organization not in user.organizations:
        user.organizations.append(organization)
