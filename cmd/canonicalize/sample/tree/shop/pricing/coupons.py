from typing import Optional

from shop.models import Coupon, Money


def find(code: str) -> Optional[Coupon]:
    coupon = Coupon.find(code=code.strip().upper())
    return coupon if coupon and coupon.active else None


def apply(coupon: Optional[Coupon], total: Money) -> Money:
    if coupon is None:
        return total
    return total * (1 - coupon.percent / 100)
