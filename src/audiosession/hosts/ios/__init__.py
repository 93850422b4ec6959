"""The host of apps on iPhones and iPads: the phone's own audio session."""

from .bridge import ObjCBridge, ObjCError
from .host import CAPABILITIES, IOSHost
from .session import IOSSession

__all__ = ["CAPABILITIES", "IOSHost", "IOSSession", "ObjCBridge", "ObjCError"]
