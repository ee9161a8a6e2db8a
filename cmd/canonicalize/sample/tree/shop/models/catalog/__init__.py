from .category import *
from .price import *
from .product import *
from .review import *
