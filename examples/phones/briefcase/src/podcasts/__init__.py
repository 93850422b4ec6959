"""The podcast player with Toga's widgets."""
