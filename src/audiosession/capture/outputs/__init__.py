"""Where a session's media go: data to delegates, recordings to files."""
