"""Minutes for the finder of nights: somebody asleep, awake, or with the device on a table."""

from biocore.sleep import DOUBTFUL, MOTIONLESS, MOVING


def live(night, n, minute, off_wrist=False):
    """Step n alike minutes; return how many of them told a night."""
    told = 0
    for _ in range(n):
        told += night.step(minute, off_wrist)
    return told


def slumber(night, n, every=25):
    """n minutes of a sleeper who stirs now and then."""
    told = 0
    for i in range(n):
        told += night.step(DOUBTFUL if i % every == every // 2 else MOTIONLESS, False)
    return told


def table(night, n, late_min=75):
    """n minutes on a table; the non-wear rule tells after an hour, up to a quarter late."""
    told = live(night, min(n, late_min), MOTIONLESS)
    return told + live(night, max(n - late_min, 0), MOTIONLESS, off_wrist=True)


def day(night, n):
    return live(night, n, MOVING)
