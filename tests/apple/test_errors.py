"""Apple's errors: their numbers, their letters and their messages."""

from __future__ import annotations

import copy
import pickle

import pytest

from audiosession.apple import AVAudioSessionErrorCode, NSError, fourcc_number, fourcc_text
from audiosession.errors import AudioSessionError, InvalidTypeError, InvalidValueError

EXAMPLES = [
    (
        NSError(561017449),
        "AVAudioSessionErrorCodeInsufficientPriority ('!pri', 561017449): somebody with more "
        "right to it has the audio, such as a call; ask again when it is over",
    ),
    (
        NSError(
            AVAudioSessionErrorCode.BAD_PARAM,
            "options: DUCK_OTHERS does not go with the category RECORD",
            advice="use PLAYBACK",
        ),
        "AVAudioSessionErrorCodeBadParam (-50): options: DUCK_OTHERS does not go with the "
        "category RECORD; use PLAYBACK",
    ),
    (
        NSError(AVAudioSessionErrorCode.EXPIRED_SESSION),
        "AVAudioSessionErrorCodeExpiredSession ('!ses', 561210739): the session no longer exists",
    ),
    (NSError(fourcc_number("abcd")), "NSOSStatusErrorDomain ('abcd', 1633837924)"),
    (NSError(-12, "no such thing"), "NSOSStatusErrorDomain (-12): no such thing"),
    (NSError(-50, domain="NSCocoaErrorDomain"), "NSCocoaErrorDomain (-50)"),
]


@pytest.mark.parametrize(("error", "message"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_message_names_the_code_and_says_what_to_do(error: NSError, message: str) -> None:
    assert str(error) == message
    assert error.localized_description == message


@pytest.mark.parametrize("code", AVAudioSessionErrorCode)
def test_every_code_has_words(code: AVAudioSessionErrorCode) -> None:
    error = NSError(code)
    assert str(error).startswith(f"{code.apple_name} (")
    assert code.meaning in str(error)
    assert str(error).endswith(code.advice)
    assert error.fourcc == code.fourcc


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES], ids=str)
def test_error_survives_pickling_and_copying(error: NSError) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is NSError
        assert str(other) == str(error)
        assert vars(other) == vars(error)
        assert type(other.code) is type(error.code)


def test_a_known_number_becomes_its_code() -> None:
    error = NSError(560030580, user_info={"NSUnderlyingErrorKey": 1})
    assert error.code == 560030580
    assert error.code is AVAudioSessionErrorCode.IS_BUSY
    assert error.domain == "NSOSStatusErrorDomain"
    assert error.user_info == {"NSUnderlyingErrorKey": 1}


def test_a_number_of_another_domain_is_a_number() -> None:
    assert type(NSError(560030580, domain="NSPOSIXErrorDomain").code) is int


def test_it_is_caught_with_all_other_errors_and_is_no_wrong_value() -> None:
    assert issubclass(NSError, AudioSessionError)
    assert not issubclass(NSError, ValueError)


@pytest.mark.parametrize(
    ("text", "number"),
    [("!pri", 561017449), ("what", 2003329396), ("    ", 0x20202020), ("~~~~", 0x7E7E7E7E)],
)
def test_four_letters_and_back(text: str, number: int) -> None:
    assert fourcc_number(text) == number
    assert fourcc_text(number) == text


@pytest.mark.parametrize("text", ["", "abc", "abcde", "äbcd", "ab\ncd", "ab\0c"])
def test_what_is_not_four_letters_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        fourcc_number(text)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidTypeError):
        fourcc_number(1234)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [0, 1, -50, 0x10000, 0x61626380, 0x0A616263, 1 << 32])
def test_a_number_without_letters_has_none(number: int) -> None:
    assert fourcc_text(number) == ""
