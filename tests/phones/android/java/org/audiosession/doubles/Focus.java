package org.audiosession.doubles;

import android.media.AudioAttributes;
import android.media.AudioFocusRequest;
import android.media.AudioManager;
import java.util.ArrayList;
import java.util.List;

/**
 * The stack of those who have focus, as the reference of AudioManager describes what apps hear:
 * the last to ask is on top, and who leaves from there gives focus back to the one below.
 */
final class Focus {
    private static final int FAILED = AudioManager.AUDIOFOCUS_REQUEST_FAILED;
    private static final int GRANTED = AudioManager.AUDIOFOCUS_REQUEST_GRANTED;
    private static final int DELAYED = AudioManager.AUDIOFOCUS_REQUEST_DELAYED;

    private static final class Entry {
        App app;
        AudioManager.OnAudioFocusChangeListener listener;
        int gain;
        boolean speech;
        boolean pauses;
        int lost;

        void tell(int change) {
            AudioManager.OnAudioFocusChangeListener heard = listener;
            if (heard != null) {
                Phone.tell(() -> heard.onAudioFocusChange(change));
            }
        }
    }

    private final List<Entry> stack = new ArrayList<>();
    private final List<Entry> waiting = new ArrayList<>();
    private boolean calling;
    boolean ducks = true;

    int request(App app, Object[] values) {
        Entry entry = new Entry();
        entry.app = app;
        boolean patient = false;
        if (values.length == 3) {
            entry.listener = (AudioManager.OnAudioFocusChangeListener) values[0];
            entry.gain = (Integer) values[2];
        } else {
            AudioFocusRequest asked = (AudioFocusRequest) values[0];
            entry.listener =
                    (AudioManager.OnAudioFocusChangeListener)
                            asked.kept.get("OnAudioFocusChangeListener");
            entry.gain = (Integer) asked.kept.get("FocusGain");
            AudioAttributes attributes = (AudioAttributes) asked.kept.get("AudioAttributes");
            Object content = attributes == null ? null : attributes.kept.get("ContentType");
            entry.speech = Integer.valueOf(AudioAttributes.CONTENT_TYPE_SPEECH).equals(content);
            entry.pauses = Boolean.TRUE.equals(asked.kept.get("WillPauseWhenDucked"));
            patient = Boolean.TRUE.equals(asked.kept.get("AcceptsDelayedFocusGain"));
            if ((patient || entry.pauses) && entry.listener == null) {
                throw new IllegalStateException("no listener");
            }
        }
        if (calling) {
            if (patient) {
                remove(waiting, entry.listener);
                waiting.add(entry);
                return DELAYED;
            }
            return FAILED;
        }
        remove(waiting, entry.listener);
        grant(entry);
        return GRANTED;
    }

    private void grant(Entry entry) {
        remove(stack, entry.listener);
        for (Entry other : new ArrayList<>(stack)) {
            lose(other, entry.gain);
        }
        stack.add(entry);
    }

    private void lose(Entry entry, int gain) {
        int loss = -gain;
        if (gain == AudioManager.AUDIOFOCUS_GAIN_TRANSIENT_EXCLUSIVE) {
            loss = AudioManager.AUDIOFOCUS_LOSS_TRANSIENT;
        }
        if (entry.lost != 0 && loss <= entry.lost) {
            return;
        }
        entry.lost = loss;
        if (loss == AudioManager.AUDIOFOCUS_LOSS) {
            stack.remove(entry);
        } else if (loss == AudioManager.AUDIOFOCUS_LOSS_TRANSIENT_CAN_DUCK
                && ducks
                && Doubles.level() >= 26
                && !entry.pauses
                && !entry.speech) {
            // The system lowers it, and the app hears nothing of that.
            return;
        }
        entry.tell(loss);
    }

    int abandon(AudioManager.OnAudioFocusChangeListener listener) {
        boolean top = !stack.isEmpty() && same(stack.get(stack.size() - 1).listener, listener);
        remove(stack, listener);
        remove(waiting, listener);
        if (top) {
            back();
        }
        return GRANTED;
    }

    int abandonRequest(AudioFocusRequest asked) {
        return abandon(
                (AudioManager.OnAudioFocusChangeListener)
                        asked.kept.get("OnAudioFocusChangeListener"));
    }

    private void back() {
        if (calling || stack.isEmpty()) {
            return;
        }
        Entry entry = stack.get(stack.size() - 1);
        int lost = entry.lost;
        entry.lost = 0;
        boolean quiet =
                lost == AudioManager.AUDIOFOCUS_LOSS_TRANSIENT_CAN_DUCK
                        && ducks
                        && Doubles.level() >= 26
                        && !entry.pauses
                        && !entry.speech;
        if (lost != 0 && !quiet) {
            entry.tell(AudioManager.AUDIOFOCUS_GAIN);
        }
    }

    void calling(boolean on) {
        synchronized (Phone.class) {
            calling = on;
            if (on) {
                for (Entry entry : new ArrayList<>(stack)) {
                    lose(entry, AudioManager.AUDIOFOCUS_GAIN_TRANSIENT);
                }
            } else if (waiting.isEmpty()) {
                back();
            } else {
                Entry entry = waiting.remove(waiting.size() - 1);
                grant(entry);
                entry.tell(AudioManager.AUDIOFOCUS_GAIN);
            }
        }
    }

    void tellOwner(String app, int change) {
        synchronized (Phone.class) {
            for (Entry entry : stack) {
                if (entry.app.name.equals(app)) {
                    entry.tell(change);
                }
            }
        }
    }

    String[] holders() {
        synchronized (Phone.class) {
            return stack.stream().map(entry -> entry.app.name).toArray(String[]::new);
        }
    }

    private static void remove(List<Entry> from, AudioManager.OnAudioFocusChangeListener who) {
        from.removeIf(entry -> same(entry.listener, who));
    }

    /** As AudioManager does, by what listeners say of themselves. */
    private static boolean same(Object one, Object other) {
        return one == other
                || (one != null && other != null && one.toString().equals(other.toString()));
    }
}
