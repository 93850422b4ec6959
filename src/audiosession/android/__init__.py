"""Android's audio vocabulary.

Importing this loads values alone, which need nothing but the standard library.
"""

from audiosession.android.attributes import AndroidAudioAttributes
from audiosession.android.constants import (
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
)

__all__ = [
    "AndroidAudioAttributes",
    "AndroidAudioContentType",
    "AndroidAudioFlags",
    "AndroidAudioFocusGainType",
    "AndroidAudioUsage",
]
