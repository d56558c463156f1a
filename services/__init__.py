"""The five services; `__main__` is the only list of them."""
