from shop.app import RateLimited, metrics, ratelimiter
from shop.models import Order, Payment, PaymentDeclined
from shop.models.order import Status


def pay(order: Order, method: str = "card", limit: int = 1000) -> Payment:
    try:
        ratelimiter.check(f"pay:{order.user_id}", limit=10)
    except RateLimited:
        raise PaymentDeclined("too many attempts") from None
    total = order.total()
    if total.amount > limit:
        metrics.increment("payments.declined")
        raise PaymentDeclined(str(total))
    order.status = Status.PAID
    return Payment(order_id=order.id, amount=total, method=method).save()
