"""The sound servers the service can speak to."""
