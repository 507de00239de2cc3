"""The engine that needs no key: small models that come inside packages, in children of their own."""
