from decimal import Decimal

import yaml


def write(rows):
    return yaml.safe_dump([{"what": what, "sum": str(Decimal(count) * Decimal(price))} for what, count, price in rows]).strip()
