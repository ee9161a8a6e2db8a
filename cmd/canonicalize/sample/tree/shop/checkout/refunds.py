from shop.app import mailer
from shop.models import Order, Payment, Refund, User
from shop.models.order import Status


def refund(order: Order) -> Refund:
    payment = Payment.find(order_id=order.id)
    if payment is None:
        raise LookupError(f"order {order.id} was never paid")
    order.status = Status.REFUNDED
    mailer.send(User.get(order.user_id).email, "Your refund", str(payment.amount))
    return Refund(payment_id=payment.id, amount=payment.amount).save()
