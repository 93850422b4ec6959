"""Audio sessions for Python: what an app's audio is for, and who sounds when."""
