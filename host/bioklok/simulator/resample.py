"""Brings a recording to the accelerometer's 25 Hz, one second at a time."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from bioklok.simulator.world import SAMPLE_HZ, SECOND, to_mg, to_mlx

# A chunk: g (n, 3), lux (n), at the recording's rate
Chunk = tuple[NDArray[np.floating], NDArray[np.floating]]


def to_seconds(chunks: Iterable[Chunk], rate_hz: float) -> Iterator[NDArray[np.void]]:
    """Yield arrays of dtype SECOND from chunks of any length at `rate_hz`.

    Each 1/25 s takes the mean of the samples that fall into it, as the sensor's own low-pass does;
    where none falls into it (a rate below 25 Hz), the straight line between neighbours. A last
    incomplete second is left out. Raises ValueError for a rate below 1 Hz.
    """
    if rate_hz < 1:
        raise ValueError(f"a rate of {rate_hz:g} Hz is too low")
    whole = round(rate_hz)
    if abs(rate_hz - whole) < 1e-6 and whole % SAMPLE_HZ == 0:
        return _by_mean(chunks, whole)
    return _by_bins(chunks, rate_hz)


def _by_mean(chunks: Iterable[Chunk], rate_hz: int) -> Iterator[NDArray[np.void]]:
    """A multiple of 25 Hz: the mean of so many samples."""
    rest_g, rest_lux = np.empty((0, 3)), np.empty(0)
    for g, lux in chunks:
        rest_g, rest_lux = np.concatenate([rest_g, g]), np.concatenate([rest_lux, lux])
        n_seconds = len(rest_g) // rate_hz
        if n_seconds:
            n = n_seconds * rate_hz
            fine = rest_g[:n].reshape(n_seconds, SAMPLE_HZ, rate_hz // SAMPLE_HZ, 3).mean(axis=2)
            yield _seconds(fine, rest_lux[:n].reshape(n_seconds, rate_hz).mean(axis=1))
            rest_g, rest_lux = rest_g[n:], rest_lux[n:]


def _by_bins(chunks: Iterable[Chunk], rate_hz: float) -> Iterator[NDArray[np.void]]:
    """Any other rate: sample k of the recording belongs to time k / rate."""
    rest_g, rest_lux = np.empty((0, 3)), np.empty(0)
    first = 0  # the recording's number of the first sample in `rest`
    second = 0  # the next second to yield
    for g, lux in chunks:
        rest_g, rest_lux = np.concatenate([rest_g, g]), np.concatenate([rest_lux, lux])
        # a second is whole once a sample of the next one is there
        n_seconds = int((first + len(rest_g) - 1) / rate_hz) - second
        if n_seconds < 1:
            continue
        times = (first + np.arange(len(rest_g))) / rate_hz - second
        yield _binned(times, rest_g, rest_lux, n_seconds)
        second += n_seconds
        # one sample before the cut stays, for the straight line across it
        keep = max(int(np.searchsorted(times, n_seconds)) - 1, 0)
        first += keep
        rest_g, rest_lux = rest_g[keep:], rest_lux[keep:]
    times = (first + np.arange(len(rest_g))) / rate_hz - second
    n_seconds = round((first + len(rest_g)) / rate_hz * 1e6) // 1_000_000 - second
    if n_seconds > 0:
        yield _binned(times, rest_g, rest_lux, n_seconds)


def _seconds(fine: NDArray[np.floating], lux: NDArray[np.floating]) -> NDArray[np.void]:
    out = np.empty(len(lux), dtype=SECOND)
    out["mg"] = to_mg(fine)
    out["light_mlx"] = to_mlx(lux)
    return out


def _binned(
    times: NDArray[np.floating],
    g: NDArray[np.floating],
    lux: NDArray[np.floating],
    n_seconds: int,
) -> NDArray[np.void]:
    n_bins = n_seconds * SAMPLE_HZ
    bins = np.floor(times * SAMPLE_HZ + 1e-9).astype(np.int64)
    inside = (bins >= 0) & (bins < n_bins)
    count = np.bincount(bins[inside], minlength=n_bins)
    centres = (np.arange(n_bins) + 0.5) / SAMPLE_HZ
    fine = np.empty((n_bins, 3))
    for axis in range(3):
        total = np.bincount(bins[inside], weights=g[inside, axis], minlength=n_bins)
        line = np.interp(centres, times, g[:, axis])
        fine[:, axis] = np.where(count > 0, total / np.maximum(count, 1), line)
    seconds = np.floor(times[inside]).astype(np.int64)
    n_light = np.bincount(seconds, minlength=n_seconds)
    total = np.bincount(seconds, weights=lux[inside], minlength=n_seconds)
    line = np.interp(np.arange(n_seconds) + 0.5, times, lux)
    light = np.where(n_light > 0, total / np.maximum(n_light, 1), line)
    return _seconds(fine.reshape(n_seconds, SAMPLE_HZ, 3), light)
