from dataclasses import dataclass

from ..base import Model

__all__ = ["Review"]


@dataclass
class Review(Model):
    product_id: int = 0
    user_id: int = 0
    stars: int = 5
    text: str = ""
