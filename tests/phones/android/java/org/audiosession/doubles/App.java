package org.audiosession.doubles;

import android.content.Context;

/** An app on the phone, as its code has it at hand. */
public class App extends Context {
    public final String name;

    public App(String name) {
        super((Inside) null);
        this.name = name;
    }
}
