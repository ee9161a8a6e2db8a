from dataclasses import dataclass
from typing import Optional

from ..base import Model

__all__ = ["Category", "slugify"]


def slugify(text: str) -> str:
    return "-".join(text.lower().split())


@dataclass
class Category(Model):
    name: str = ""
    parent: Optional[int] = None

    @property
    def slug(self) -> str:
        return slugify(self.name)
