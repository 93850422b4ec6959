"""The host of apps on Linux: the per-user service, started when it is needed."""

from .client import ServiceClient
from .host import CAPABILITIES, LinuxHost
from .session import LinuxSession

__all__ = ["CAPABILITIES", "LinuxHost", "LinuxSession", "ServiceClient"]
