from shop.app import environment, metrics


def banner() -> str:
    return f"shop in {environment}: {metrics.counters['orders']} orders"
