package org.audiosession;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import java.util.Observable;
import java.util.Observer;

/**
 * Passes an abstract class's call on to an interface, which other languages can implement. It is
 * one of Java's own, since those are found on every thread.
 */
@SuppressWarnings("deprecation")
public final class Receiver extends BroadcastReceiver {
    private final Observable source = new Observable();
    private final Observer listener;

    public Receiver(Observer listener) {
        this.listener = listener;
    }

    @Override
    public void onReceive(Context context, Intent intent) {
        listener.update(source, intent);
    }
}
