package org.kivy.android;

import org.audiosession.doubles.App;

/** Where python-for-android keeps the app's service, in the process of that. */
public final class PythonService {
    public static App mService;

    private PythonService() {}
}
