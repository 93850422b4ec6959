"""Apple's audio session vocabulary.

Importing this loads the constants alone, which need nothing but the standard library.
"""

from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
)

__all__ = [
    "AVAudioSessionCategory",
    "AVAudioSessionCategoryOptions",
    "AVAudioSessionMode",
    "AVAudioSessionRouteSharingPolicy",
    "AVAudioSessionSetActiveOptions",
]
