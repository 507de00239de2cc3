"""A local Discord and a scripted model server on loopback: the newcomer's playground, the tests' world."""
