package org.kivy.android;

import org.audiosession.doubles.App;

/** Where python-for-android keeps the app's activity. */
public final class PythonActivity {
    public static App mActivity;

    private PythonActivity() {}
}
