from shop.app import mailer, queue
from shop.models import Cart, User


def remind() -> int:
    waiting = [cart for cart in Cart.all() if not cart.is_empty()]
    for cart in waiting:
        user = User.get(cart.user_id)
        queue.put(mailer.send, user.email, "You left something behind")
    return len(waiting)
