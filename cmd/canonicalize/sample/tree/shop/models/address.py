from dataclasses import dataclass

from .base import Model

COUNTRIES = {
    "DE": "Germany",
    "FR": "France",
    "NL": "Netherlands",
    "US": "United States",
}


@dataclass
class Address(Model):
    user_id: int = 0
    street: str = ""
    city: str = ""
    country: str = "DE"

    def country_name(self) -> str:
        return COUNTRIES[self.country]
