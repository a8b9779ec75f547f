"""What a press does: show the lamp, note how I feel, ask for a strip; ten seconds wipe all."""

from biocore.button import DEBOUNCE_MS, DOUBLE, LONG, NOTHING, SHORT, TRIPLE, WIPE, Gestures
from biocore.record import MARK_SHARP, MARK_STRIP, MARK_TIRED

_MARKS = {DOUBLE: MARK_SHARP, TRIPLE: MARK_TIRED, LONG: MARK_STRIP}


class Buttons:
    """Runs for ever. Any press makes the device visible to its host for a minute. Looking at the
    lamp is nobody's business: it leaves no mark. In a pause that is all a press does: there is no
    minute on which it could stand, and a lamp that lit up would say otherwise.

    Held for ten seconds and let go, everything on the device goes (app.wiper), in a pause too. Not
    in the dark hours: who lies on it means nothing by it.
    """

    def __init__(self, button, timekeeper, tracker, indicator, visibility, wiper):
        self._button = button
        self._time = timekeeper
        self._tracker = tracker
        self._indicator = indicator
        self._visibility = visibility
        self._wiper = wiper
        self._gestures = Gestures()

    async def run(self):
        gestures = self._gestures
        bouncing = False
        while True:
            wait_ms = gestures.wait_ms(self._time.ticks_ms())
            await self._button.wait(DEBOUNCE_MS if bouncing else wait_ms)
            bouncing = False
            while True:
                edge = self._button.next_edge()
                if edge is None:
                    break
                bouncing = True  # look at the level again once it has settled
                self._act(gestures.edge(edge[0], edge[1]))
            now = self._time.ticks_ms()
            if not bouncing:
                self._act(gestures.edge(self._button.is_pressed(), now))
            self._act(gestures.poll(now))

    def _act(self, gesture):
        if gesture == NOTHING:
            return
        if gesture == WIPE:
            if not self._time.is_dark_time():
                self._wiper.ask()
            return
        self._visibility.press()
        if self._time.is_paused():
            return
        if gesture == SHORT:
            self._indicator.show_state(self._tracker.lamp)
        elif gesture in _MARKS:
            self._tracker.mark(_MARKS[gesture])
            self._indicator.show_noted()
