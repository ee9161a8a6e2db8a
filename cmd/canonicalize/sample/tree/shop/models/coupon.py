from dataclasses import dataclass

from .base import Model

__all__ = ["Coupon"]


@dataclass
class Coupon(Model):
    code: str = ""
    percent: int = 0
    active: bool = True
