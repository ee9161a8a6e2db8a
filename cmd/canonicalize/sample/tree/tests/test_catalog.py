from decimal import Decimal

from scripts import warm_cache
from shop.app import mailer, queue
from shop.catalog import admin, browse, categories, images, importer, inventory, reviews
from shop.models import Category, Money, OutOfStock, Product
from shop.search import query, reindex, suggest

from .case import ShopCase

FILE = "sku,name,price,stock,weight,category\nPOT-1,Tea pot,30.00,2,900,Pots\n"


class CatalogTest(ShopCase):
    def test_browse(self):
        tea = categories.by_slug("tea")
        self.assertEqual(len(browse.available(tea)), 2)
        self.assertEqual(warm_cache.main(), 3)
        child = Category(name="Black tea", parent=tea.id).save()
        self.assertEqual(categories.path(child), ["Tea", "Black tea"])

    def test_import(self):
        self.assertEqual(importer.load(FILE), 1)
        self.assertEqual(queue.work(), 1)
        self.assertEqual([p.sku for p in query.search("tea pot")], ["POT-1"])

    def test_inventory(self):
        inventory.take("TEA-1", 8)
        self.assertIn("runs low", mailer.sent[-1].subject)
        with self.assertRaises(OutOfStock):
            inventory.take("TEA-1", 8)

    def test_reviews(self):
        reviews.write(self.user, self.tea, 4)
        reviews.write(self.user, self.tea, 5)
        self.assertEqual(reviews.average(self.tea), 4.5)

    def test_admin_and_images(self):
        product = admin.reprice(self.user, "CUP-1", Money(Decimal(10)))
        self.assertEqual(str(product.price), "10.00 EUR")
        self.assertEqual(images.file_name(product), "white-cup-CUP-1-400.webp")

    def test_search(self):
        self.assertEqual(reindex.reindex(), len(Product.all()))
        self.assertEqual([p.sku for p in query.search("green")], ["TEA-2"])
        self.assertEqual(suggest.suggest("g"), ["Green tea"])
