"""Models behind protocols: `protocols.py` says what they can do, the adapters say how."""
