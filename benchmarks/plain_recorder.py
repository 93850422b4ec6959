"""A recorder of a few lines: miniaudio hears, PyAV writes. What ours is measured against.

Run as ``python plain_recorder.py OUT.wav``, until SIGINT.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Generator
from typing import Any

import av
import miniaudio
import numpy as np


def main() -> None:
    """Records the usual source to the file that is named."""
    with av.open(sys.argv[1], "w") as file:
        stream: Any = file.add_stream("pcm_s16le", rate=48_000, layout="stereo")

        def write() -> Generator[None, bytes, None]:
            at = 0
            while True:
                data = np.frombuffer((yield), np.int16).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(data, format="s16", layout="stereo")
                frame.sample_rate, frame.pts = 48_000, at
                at += frame.samples
                file.mux(stream.encode(frame))

        writer = write()
        next(writer)
        with miniaudio.CaptureDevice(
            input_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=2,
            sample_rate=48_000,
            buffersize_msec=20,
            backends=[miniaudio.Backend.PULSEAUDIO],
        ) as device:
            device.start(writer)
            signal.sigwait({signal.SIGINT})
        file.mux(stream.encode(None))


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    main()
