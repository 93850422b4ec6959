package com.chaquo.python;

import org.audiosession.doubles.App;

/** Where Chaquopy keeps the application. */
public final class Python {
    private Python() {}

    public static final class Platform {
        public App getApplication() {
            return org.audiosession.doubles.Phone.app("app");
        }
    }

    public static Platform getPlatform() {
        return new Platform();
    }
}
