from shop.models import Invoice, Order


def invoice(order: Order) -> Invoice:
    found = Invoice.find(order_id=order.id)
    return found or Invoice(order_id=order.id, total=order.total()).save()


def render(invoice: Invoice) -> str:
    from shop.models import Order, User

    order = Order.get(invoice.order_id)
    user = User.get(order.user_id)
    lines = [invoice.number, user.name]
    lines += [f"{line.quantity} x {line.sku}" for line in order.lines]
    lines.append(f"Total {invoice.total}")
    return "\n".join(lines)
