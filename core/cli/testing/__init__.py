"""What ``isolate-host test`` is made of."""
