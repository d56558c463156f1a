"""The only code of the gateway that knows SQL."""
