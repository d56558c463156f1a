"""Reports on products and searches: what is counted, how it is valued and ordered."""
