from typing import List

from shop.models import Category, slugify


def by_slug(slug: str) -> Category:
    for category in Category.all():
        if category.slug == slugify(slug):
            return category
    raise LookupError(slug)


def path(category: Category) -> List[str]:
    names = [category.name]
    while category.parent:
        category = Category.get(category.parent)
        names.append(category.name)
    return names[::-1]
