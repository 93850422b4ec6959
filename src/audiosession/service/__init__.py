"""The per-user service that makes decisions true on Linux."""
