"""Files that stay playable while they grow."""
