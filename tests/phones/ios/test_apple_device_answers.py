"""What the phone answers comes out as it is: its errors, its kinds of ports, its channels."""

from __future__ import annotations

import pytest

from audiosession import AudioSession
from audiosession.apple import AVAudioSessionPort, NSError
from audiosession.errors import DeniedError
from tests.apple.phone_kit import Category, Code, Options, fails
from tests.phones.ios.apple_kit import scripted
from tests.phones.ios.native_session import NativePort

REFUSALS = [
    Code.CANNOT_INTERRUPT_OTHERS,
    Code.CANNOT_START_PLAYING,
    Code.CANNOT_START_RECORDING,
    Code.INSUFFICIENT_PRIORITY,
    Code.RESOURCE_NOT_AVAILABLE,
    Code.SIRI_IS_RECORDING,
]
OTHERS = [Code.BAD_PARAM, Code.UNSPECIFIED, Code.MISSING_ENTITLEMENT, Code.MEDIA_SERVICES_FAILED]


@pytest.mark.parametrize("code", [*REFUSALS, *OTHERS])
async def test_why_the_phone_refuses_an_activation(code: Code) -> None:
    async with scripted() as (session, native):
        native.refuse("setActive", code)
        with fails(code):
            await session.set_active(True)
        assert not session.is_active
        await session.set_active(True)
        assert session.is_active


@pytest.mark.parametrize("code", REFUSALS)
async def test_the_one_api_says_no_instead(code: Code) -> None:
    async with scripted() as (session, native):
        one: AudioSession = session.audio_session
        native.refuse("setActive", code)
        assert not await one.set_active(True)


@pytest.mark.parametrize(
    ("version", "active"), [((12, 5), False), ((25, 0), False), ((26, 0), True)]
)
async def test_why_the_phone_refuses_a_deactivation(version: tuple[int, int], active: bool) -> None:
    async with scripted(*version) as (session, native):
        await session.set_active(True)
        native.refuse("setActive", Code.IS_BUSY)
        with fails(Code.IS_BUSY):
            await session.set_active(False)
        # Between iOS 8 and 25 it takes effect all the same.
        assert session.is_active is active


@pytest.mark.parametrize("code", [*REFUSALS, *OTHERS])
async def test_why_the_phone_refuses_a_category(code: Code) -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAYBACK)
        await session.set_active(True)
        native.refuse("setCategory", code)
        with pytest.raises(NSError) as caught:
            await session.set_category(Category.PLAY_AND_RECORD)
        assert (caught.value.code, caught.value.domain) == (code, "NSOSStatusErrorDomain")
        assert session.category is Category.PLAYBACK
        if code in REFUSALS:
            assert isinstance(caught.value.__cause__, DeniedError)


async def test_the_phone_is_asked_in_any_case() -> None:
    async with scripted() as (session, native):
        native.there = native.there[:1]
        assert not session.is_input_available
        # It may know of a microphone that it shows nobody.
        await session.set_category(Category.PLAY_AND_RECORD, options=Options.MIX_WITH_OTHERS)
        await session.set_active(True)
        assert native.active


async def test_a_kind_of_port_that_the_one_api_has_no_word_for() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        lent = NativePort("ContinuityMicrophone", "continuity 1", "A phone")
        native.offered = [*native.there[1:], lent]
        found = session.available_inputs[-1]
        assert found.port_type is AVAudioSessionPort.CONTINUITY_MICROPHONE


async def test_channels_are_counted_by_the_phone() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        native.maximumInputNumberOfChannels, native.inputNumberOfChannels = 8, 2
        native.maximumOutputNumberOfChannels, native.outputNumberOfChannels = 6, 4
        assert session.maximum_input_number_of_channels == 8
        assert session.input_number_of_channels == 2
        assert session.maximum_output_number_of_channels == 6
        assert session.output_number_of_channels == 4
