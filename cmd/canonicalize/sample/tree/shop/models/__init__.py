"""Everything that the shop stores, from one place."""

from .address import *
from .audit import *
from .base import *
from .cart import *
from .catalog import *
from .coupon import *
from .invoice import *
from .order import *
from .organization import *
from .payment import *
from .session import *
from .shipment import *
from .user import *
