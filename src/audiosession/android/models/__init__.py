"""What an Android device decides about sound, as plain state and rules.

Nothing here waits, sleeps or reaches a system: times are passed in, and what is to be done is
handed back. So the simulated device and a service on a real one share it.
"""
