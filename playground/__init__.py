"""A local Discord and a scripted model server over loopback sockets: the newcomer's playground and the tests' world."""
