"""AudioManager for programs without an event loop: the same manager, calls that block.

Every method is the asynchronous one, run to its end in the thread that all blocking sessions
of the process share. Listeners, callbacks and receivers are called in that thread, so they
should be quick and must not use a blocking manager themselves; a handler hands them to another
thread, as ``queue.SimpleQueue().put`` does.

Example::

    from audiosession.android import AudioFocusRequest
    from audiosession.android.blocking import AudioManager

    manager = AudioManager()
    request = AudioFocusRequest.Builder(manager.AUDIOFOCUS_GAIN_TRANSIENT_MAY_DUCK).build()
    if manager.request_audio_focus(request) is manager.AUDIOFOCUS_REQUEST_GRANTED:
        speak("turn left")
        manager.abandon_audio_focus_request(request)
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from audiosession import blocking as _blocking_api
from audiosession._twins import Twin, calls
from audiosession.android import audio_manager
from audiosession.android._base import NEWEST_SDK
from audiosession.android.manager_constants import AudioManagerConstants
from audiosession.hosts.base import Host

__all__ = ["AudioManager"]

_Async = audio_manager.AudioManager


class AudioManager(Twin[_Async], AudioManagerConstants):
    """As :class:`audiosession.android.AudioManager`, with calls that block.

    May be used from several threads. One that is still open when the program ends is closed,
    so that nothing stays lowered.

    Args:
        host: As for the asynchronous manager; a function is called in the sessions' thread.
        target_sdk: The API level that the app is written for, 1 to 10000.
        package: What the app's package is called, 1 to 256 characters.

    Raises:
        InvalidTypeError: An argument has the wrong type.
        InvalidValueError: The level or the package is out of bounds.
    """

    _called = "an AudioManager"

    def __init__(
        self,
        host: Host | Callable[[], Host] | None = None,
        *,
        target_sdk: int = NEWEST_SDK,
        package: str | None = None,
    ) -> None:
        super().__init__(_Async(host, target_sdk=target_sdk, package=package))
        if host is None:
            # The host is that session's, which is closed with the program.
            _blocking_api.AudioSession.instance()
        self._worker.open.add(self)

    def __repr__(self) -> str:
        return repr(self._async)

    def _closing(self) -> Coroutine[Any, Any, None]:
        return self._async.close()

    @property
    def target_sdk(self) -> int:
        """The API level that the app is written for."""
        return self._async.target_sdk

    @property
    def package(self) -> str | None:
        """The app's package, where it was given."""
        return self._async.package

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._async.closed

    close = calls(_Async.close)

    request_audio_focus = calls(_Async.request_audio_focus)
    abandon_audio_focus_request = calls(_Async.abandon_audio_focus_request)
    abandon_audio_focus = calls(_Async.abandon_audio_focus)
    request_audio_focus_for_call = calls(_Async.request_audio_focus_for_call)
    abandon_audio_focus_for_call = calls(_Async.abandon_audio_focus_for_call)
    should_notification_sound_play = calls(_Async.should_notification_sound_play)

    is_volume_fixed = calls(_Async.is_volume_fixed)
    adjust_stream_volume = calls(_Async.adjust_stream_volume)
    adjust_volume = calls(_Async.adjust_volume)
    adjust_suggested_stream_volume = calls(_Async.adjust_suggested_stream_volume)
    get_stream_max_volume = calls(_Async.get_stream_max_volume)
    get_stream_min_volume = calls(_Async.get_stream_min_volume)
    get_stream_volume = calls(_Async.get_stream_volume)
    get_stream_volume_db = calls(_Async.get_stream_volume_db)
    set_stream_volume = calls(_Async.set_stream_volume)
    is_stream_mute = calls(_Async.is_stream_mute)
    set_stream_mute = calls(_Async.set_stream_mute)
    set_stream_solo = calls(_Async.set_stream_solo)
    get_volume_group_id_for_attributes = calls(_Async.get_volume_group_id_for_attributes)
    adjust_volume_group_volume = calls(_Async.adjust_volume_group_volume)
    is_volume_group_muted = calls(_Async.is_volume_group_muted)

    get_ringer_mode = calls(_Async.get_ringer_mode)
    set_ringer_mode = calls(_Async.set_ringer_mode)
    is_ramping_ringer_enabled = calls(_Async.is_ramping_ringer_enabled)

    set_mode = calls(_Async.set_mode)
    get_mode = calls(_Async.get_mode)
    is_call_screening_mode_supported = calls(_Async.is_call_screening_mode_supported)
    add_on_mode_changed_listener = calls(_Async.add_on_mode_changed_listener)
    remove_on_mode_changed_listener = calls(_Async.remove_on_mode_changed_listener)

    get_devices = calls(_Async.get_devices)
    get_supported_device_types = calls(_Async.get_supported_device_types)
    register_audio_device_callback = calls(_Async.register_audio_device_callback)
    unregister_audio_device_callback = calls(_Async.unregister_audio_device_callback)
    set_bluetooth_a2dp_on = calls(_Async.set_bluetooth_a2dp_on)
    is_bluetooth_a2dp_on = calls(_Async.is_bluetooth_a2dp_on)
    is_wired_headset_on = calls(_Async.is_wired_headset_on)

    get_available_communication_devices = calls(_Async.get_available_communication_devices)
    set_communication_device = calls(_Async.set_communication_device)
    get_communication_device = calls(_Async.get_communication_device)
    clear_communication_device = calls(_Async.clear_communication_device)
    add_on_communication_device_changed_listener = calls(
        _Async.add_on_communication_device_changed_listener
    )
    remove_on_communication_device_changed_listener = calls(
        _Async.remove_on_communication_device_changed_listener
    )
    set_speakerphone_on = calls(_Async.set_speakerphone_on)
    is_speakerphone_on = calls(_Async.is_speakerphone_on)
    is_bluetooth_sco_available_off_call = calls(_Async.is_bluetooth_sco_available_off_call)
    start_bluetooth_sco = calls(_Async.start_bluetooth_sco)
    stop_bluetooth_sco = calls(_Async.stop_bluetooth_sco)
    set_bluetooth_sco_on = calls(_Async.set_bluetooth_sco_on)
    is_bluetooth_sco_on = calls(_Async.is_bluetooth_sco_on)

    get_microphones = calls(_Async.get_microphones)

    dispatch_media_key_event = calls(_Async.dispatch_media_key_event)
    register_media_button_event_receiver = calls(_Async.register_media_button_event_receiver)
    unregister_media_button_event_receiver = calls(_Async.unregister_media_button_event_receiver)

    is_music_active = calls(_Async.is_music_active)
    set_allowed_capture_policy = calls(_Async.set_allowed_capture_policy)
    get_allowed_capture_policy = calls(_Async.get_allowed_capture_policy)
    play_sound_effect = calls(_Async.play_sound_effect)
    load_sound_effects = calls(_Async.load_sound_effects)
    unload_sound_effects = calls(_Async.unload_sound_effects)
    set_microphone_mute = calls(_Async.set_microphone_mute)
    is_microphone_mute = calls(_Async.is_microphone_mute)
    generate_audio_session_id = calls(_Async.generate_audio_session_id)
    set_parameters = calls(_Async.set_parameters)
    get_parameters = calls(_Async.get_parameters)
    get_property = calls(_Async.get_property)
    is_haptic_playback_supported = calls(_Async.is_haptic_playback_supported)
    get_encoded_surround_mode = calls(_Async.get_encoded_surround_mode)
    is_offloaded_playback_supported = calls(_Async.is_offloaded_playback_supported)
    get_audio_hw_sync_for_session = calls(_Async.get_audio_hw_sync_for_session)
    get_routing = calls(_Async.get_routing)

    register_receiver = calls(_Async.register_receiver)
    unregister_receiver = calls(_Async.unregister_receiver)
