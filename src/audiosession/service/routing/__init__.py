"""Where the sound of sessions goes: their requests on the ports of real cards, sinks, sources."""
