"""The service on D-Bus: its objects, and the wires that carry them."""
