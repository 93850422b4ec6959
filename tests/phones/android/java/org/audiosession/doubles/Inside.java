package org.audiosession.doubles;

/** Marks the constructor by which doubles make objects that apps cannot make. */
public final class Inside {
    private Inside() {}
}
