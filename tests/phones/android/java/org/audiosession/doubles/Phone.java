package org.audiosession.doubles;

import android.content.BroadcastReceiver;
import android.content.Intent;
import android.content.IntentFilter;
import android.media.AudioDeviceCallback;
import android.media.AudioDeviceInfo;
import android.media.AudioManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** What a phone does by itself: devices, broadcasts, and the changes that it tells apps of. */
public final class Phone {
    static final Object NOTHING = new Object();

    private static final Map<String, App> apps = new LinkedHashMap<>();
    private static final List<AudioDeviceInfo> devices = new ArrayList<>();
    private static final Map<AudioDeviceCallback, Boolean> deviceCallbacks = new LinkedHashMap<>();
    private static final Map<BroadcastReceiver, IntentFilter> receivers = new LinkedHashMap<>();
    private static final Map<BroadcastReceiver, App> registeredWith = new LinkedHashMap<>();
    private static final Map<String, Intent> sticky = new LinkedHashMap<>();
    private static final List<AudioManager.OnModeChangedListener> modeListeners =
            new ArrayList<>();
    private static final List<AudioManager.OnCommunicationDeviceChangedListener>
            communicationListeners = new ArrayList<>();
    private static final List<String> granted = new ArrayList<>();
    private static ExecutorService main = fresh();
    private static CountDownLatch held = new CountDownLatch(0);
    static Focus focus = new Focus();

    private Phone() {}

    static synchronized void reset() {
        main.shutdownNow();
        main = fresh();
        focus = new Focus();
        apps.clear();
        devices.clear();
        deviceCallbacks.clear();
        receivers.clear();
        sticky.clear();
        granted.clear();
        modeListeners.clear();
        communicationListeners.clear();
        devices.add(device(1, AudioDeviceInfo.TYPE_BUILTIN_EARPIECE, "phone", true, false));
        devices.add(device(2, AudioDeviceInfo.TYPE_BUILTIN_SPEAKER, "phone", true, false));
        devices.add(device(3, AudioDeviceInfo.TYPE_BUILTIN_MIC, "phone", false, true));
        registeredWith.clear();
        org.kivy.android.PythonActivity.mActivity = new App(app("app"));
        org.kivy.android.PythonService.mService = null;
    }

    private static ExecutorService fresh() {
        return Executors.newSingleThreadExecutor(
                work -> {
                    Thread thread = new Thread(work, "main looper");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    // -- for tests -------------------------------------------------------------------------

    /** An app, the same one each time. */
    public static synchronized App app(String name) {
        return apps.computeIfAbsent(name, App::new);
    }

    /** An app's activity is closed; what was registered with it goes, too. */
    public static synchronized void destroyActivity() {
        App gone = org.kivy.android.PythonActivity.mActivity;
        org.kivy.android.PythonActivity.mActivity = null;
        registeredWith.forEach(
                (receiver, owner) -> {
                    if (owner == gone) {
                        receivers.remove(receiver);
                    }
                });
    }

    /** The process is that of a service, which has no activity. */
    public static synchronized void becomeService(String name) {
        org.kivy.android.PythonActivity.mActivity = null;
        org.kivy.android.PythonService.mService = new App(app(name));
    }

    /** The apps' main thread is busy: what they are told waits for {@link #goOn}. */
    public static synchronized void hold() {
        CountDownLatch until = held = new CountDownLatch(1);
        main.execute(
                () -> {
                    try {
                        until.await();
                    } catch (InterruptedException error) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    /** The apps' main thread is free again. */
    public static synchronized void goOn() {
        held.countDown();
    }

    /** Returns once all that was told so far has been heard. */
    public static void idle() throws Exception {
        main.submit(() -> {}).get(60, TimeUnit.SECONDS);
    }

    public static AudioDeviceInfo device(
            int id, int type, String name, boolean sink, boolean source) {
        AudioDeviceInfo made = new AudioDeviceInfo((Inside) null);
        made.kept.put("Id", id);
        made.kept.put("Type", type);
        made.kept.put("ProductName", name);
        made.kept.put("Sink", sink);
        made.kept.put("Source", source);
        made.kept.put("Address", "");
        return made;
    }

    /** Devices come at one moment. */
    public static synchronized void plug(AudioDeviceInfo[] more) {
        devices.addAll(List.of(more));
        for (AudioDeviceCallback each : deviceCallbacks.keySet()) {
            tell(() -> each.onAudioDevicesAdded(more));
        }
    }

    /** Devices go at one moment; those that played privately make it noisy first. */
    public static synchronized void unplug(AudioDeviceInfo[] gone, boolean noisy) {
        if (noisy) {
            send(new Intent(AudioManager.ACTION_AUDIO_BECOMING_NOISY));
        }
        devices.removeAll(List.of(gone));
        for (AudioDeviceCallback each : deviceCallbacks.keySet()) {
            tell(() -> each.onAudioDevicesRemoved(gone));
        }
    }

    /** The system sends something to whoever is registered for it. */
    public static synchronized void send(Intent intent) {
        receivers.forEach(
                (receiver, filter) -> {
                    if (actions(filter).contains(intent.getAction())) {
                        tell(() -> receiver.onReceive(null, intent));
                    }
                });
    }

    /** The same, and it stays to be looked up. */
    public static synchronized void sendSticky(Intent intent) {
        sticky.put(intent.getAction(), intent);
        send(intent);
    }

    public static synchronized int listening() {
        return deviceCallbacks.size()
                + receivers.size()
                + modeListeners.size()
                + communicationListeners.size();
    }

    public static synchronized void modeChanged(int mode) {
        for (AudioManager.OnModeChangedListener each : modeListeners) {
            tell(() -> each.onModeChanged(mode));
        }
    }

    public static synchronized void communicationDeviceChanged(AudioDeviceInfo device) {
        for (AudioManager.OnCommunicationDeviceChangedListener each : communicationListeners) {
            tell(() -> each.onCommunicationDeviceChanged(device));
        }
    }

    /** The manifest or the user gives all apps a permission. */
    public static synchronized void grant(String permission) {
        granted.add(permission);
    }

    /** Focus is locked by a telephone call, or not any more. */
    public static void calling(boolean on) {
        focus.calling(on);
    }

    /** Whether the system lowers apps by itself, as from level 26 on. */
    public static void ducks(boolean on) {
        focus.ducks = on;
    }

    /** Tells an app's listener something that nothing led to. */
    public static void tellFocus(String app, int change) {
        focus.tellOwner(app, change);
    }

    public static String[] holders() {
        return focus.holders();
    }

    // -- for the made classes --------------------------------------------------------------

    static void tell(Runnable what) {
        main.execute(
                () -> {
                    try {
                        what.run();
                    } catch (RuntimeException error) {
                        System.err.println("a listener threw: " + error);
                    }
                });
    }

    static Object make(String name, Map<String, Object> kept) {
        try {
            Object made =
                    Class.forName(name).getConstructor(Inside.class).newInstance((Object) null);
            @SuppressWarnings("unchecked")
            Map<String, Object> own = (Map<String, Object>) name(made);
            own.putAll(kept);
            return made;
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    private static Object name(Object made) throws ReflectiveOperationException {
        return made.getClass().getField("kept").get(made);
    }

    static synchronized Object answer(
            Object self, Map<String, Object> kept, String method, Object[] values) {
        switch (method) {
            case "Context.getSystemService":
                return "audio".equals(values[0]) ? manager((App) self) : NOTHING;
            case "Context.getPackageName":
                return ((App) self).name;
            case "Context.checkSelfPermission":
            case "Context.checkCallingOrSelfPermission":
                return granted.contains(values[0]) ? 0 : -1;
            case "Context.getMainExecutor":
                return (Executor) Phone::tell;
            case "Context.getApplicationContext":
                return ((App) self).application;
            case "Context.registerReceiver":
                return register((App) self, values);
            case "Context.unregisterReceiver":
                if (receivers.remove(values[0]) == null) {
                    throw new IllegalArgumentException("Receiver not registered");
                }
                return null;
            case "AudioManager.getDevices":
                return found((Integer) values[0]);
            case "AudioManager.registerAudioDeviceCallback":
                AudioDeviceCallback callback = (AudioDeviceCallback) values[0];
                deviceCallbacks.put(callback, true);
                AudioDeviceInfo[] all = devices.toArray(new AudioDeviceInfo[0]);
                tell(() -> callback.onAudioDevicesAdded(all));
                return null;
            case "AudioManager.unregisterAudioDeviceCallback":
                deviceCallbacks.remove(values[0]);
                return null;
            case "AudioManager.addOnModeChangedListener":
                modeListeners.add((AudioManager.OnModeChangedListener) values[1]);
                return null;
            case "AudioManager.removeOnModeChangedListener":
                modeListeners.remove(values[0]);
                return null;
            case "AudioManager.addOnCommunicationDeviceChangedListener":
                communicationListeners.add(
                        (AudioManager.OnCommunicationDeviceChangedListener) values[1]);
                return null;
            case "AudioManager.removeOnCommunicationDeviceChangedListener":
                communicationListeners.remove(values[0]);
                return null;
            case "AudioManager.requestAudioFocus":
                return focus.request((App) kept.get("App"), values);
            case "AudioManager.abandonAudioFocus":
                return focus.abandon((AudioManager.OnAudioFocusChangeListener) values[0]);
            case "AudioManager.abandonAudioFocusRequest":
                return focus.abandonRequest((android.media.AudioFocusRequest) values[0]);
            case "IntentFilter.addAction":
                actions((IntentFilter) self).add((String) values[0]);
                return null;
            case "Intent.putExtra":
                kept.put("extra " + values[0], values[1]);
                return self;
            default:
                if (method.startsWith("Intent.get") && method.endsWith("Extra")) {
                    Object other = values.length > 1 ? values[1] : null;
                    return kept.getOrDefault("extra " + values[0], other);
                }
                return NOTHING;
        }
    }

    private static Object manager(App app) {
        Object known = app.kept.get("Manager");
        if (known == null) {
            AudioManager made = new AudioManager((Inside) null);
            made.kept.put("App", app);
            app.kept.put("Manager", made);
            known = made;
        }
        return known;
    }

    private static Object register(App app, Object[] values) {
        if (Doubles.level() >= 33) {
            int flags = values.length == 3 || values.length == 5 ? (Integer) values[values.length - 1] : 0;
            if (values[0] != null && (flags & 6) != 2 && (flags & 6) != 4) {
                throw new SecurityException(
                        "One of RECEIVER_EXPORTED or RECEIVER_NOT_EXPORTED should be specified");
            }
        }
        IntentFilter filter = (IntentFilter) values[1];
        if (values[0] != null) {
            receivers.put((BroadcastReceiver) values[0], filter);
            registeredWith.put((BroadcastReceiver) values[0], app);
        }
        Intent last = null;
        for (String action : actions(filter)) {
            last = sticky.getOrDefault(action, last);
        }
        return last;
    }

    private static Object found(int flags) {
        List<AudioDeviceInfo> found = new ArrayList<>();
        for (AudioDeviceInfo each : devices) {
            boolean sink = (Boolean) each.kept.get("Sink");
            if ((flags & (sink ? 2 : 1)) != 0) {
                found.add(each);
            }
        }
        return found.toArray();
    }

    @SuppressWarnings("unchecked")
    private static List<String> actions(IntentFilter filter) {
        List<String> found =
                (List<String>) filter.kept.computeIfAbsent("actions", key -> new ArrayList<>());
        Object first = filter.kept.get("Action");
        if (first != null && !found.contains(first)) {
            found.add((String) first);
        }
        return found;
    }
}
