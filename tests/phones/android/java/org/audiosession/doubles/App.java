package org.audiosession.doubles;

import android.content.Context;

/** An app on the phone, or an activity or a service of it, as its code has it at hand. */
public class App extends Context {
    public final String name;
    final App application;

    public App(String name) {
        super((Inside) null);
        this.name = name;
        this.application = this;
    }

    /** An activity or a service: it goes while the application stays. */
    App(App application) {
        super((Inside) null);
        this.name = application.name;
        this.application = application;
    }
}
