from shop.app import mailer, subscribe
from shop.models import Order, User


def confirm(order: Order) -> None:
    user = User.get(order.user_id)
    mailer.send(user.email, f"Your order {order.id}", f"Total: {order.total()}")


def install() -> None:
    subscribe("order.placed", confirm)
