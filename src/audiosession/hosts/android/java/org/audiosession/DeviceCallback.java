package org.audiosession;

import android.media.AudioDeviceCallback;
import android.media.AudioDeviceInfo;
import java.util.Observable;
import java.util.Observer;

/**
 * Passes an abstract class's calls on to an interface, which other languages can implement. It is
 * one of Java's own, since those are found on every thread.
 */
@SuppressWarnings("deprecation")
public final class DeviceCallback extends AudioDeviceCallback {
    private final Observable source = new Observable();
    private final Observer added;
    private final Observer removed;

    public DeviceCallback(Observer added, Observer removed) {
        this.added = added;
        this.removed = removed;
    }

    @Override
    public void onAudioDevicesAdded(AudioDeviceInfo[] devices) {
        added.update(source, devices);
    }

    @Override
    public void onAudioDevicesRemoved(AudioDeviceInfo[] devices) {
        removed.update(source, devices);
    }
}
