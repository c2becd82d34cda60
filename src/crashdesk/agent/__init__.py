"""The desktop companion of a product: sends what the outbox holds and asks the person; headless without ``ui``."""
