"""An Android phone as a host: its own AudioManager decides.

Nothing of it is loaded before this host is chosen, and Java is touched only through a bridge:
:mod:`audiosession.hosts.android.bridge`.
"""

from .errors import BridgeMissingError, JavaError
from .host import AndroidHost

__all__ = ["AndroidHost", "BridgeMissingError", "JavaError"]
