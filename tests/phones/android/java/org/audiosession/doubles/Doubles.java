package org.audiosession.doubles;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Every call of a made class comes here: it is judged, recorded and answered. */
public final class Doubles {
    private static final List<String> calls = new ArrayList<>();
    private static final Map<String, Object> answers = new HashMap<>();

    private Doubles() {}

    /** A phone of that level, on which nothing has happened. */
    public static synchronized void reset(int level) {
        android.os.Build.VERSION.SDK_INT = level;
        calls.clear();
        answers.clear();
        Phone.reset();
    }

    public static int level() {
        return android.os.Build.VERSION.SDK_INT;
    }

    // -- for tests -------------------------------------------------------------------------

    /** The calls so far, as in AudioManager.setMode(3), and forgets them. */
    public static synchronized String[] calls() {
        String[] all = calls.toArray(new String[0]);
        calls.clear();
        return all;
    }

    /** What a method returns from now on: "AudioManager.getMode". Arrays fit collections too. */
    public static synchronized void answer(String method, Object value) {
        answers.put(method, value);
    }

    public static synchronized void answerAll(String method, Object[] values) {
        answers.put(method, values);
    }

    /** Has a method throw from now on. */
    public static synchronized void fail(String method, String exception, String message)
            throws Exception {
        Class<?> kind = Class.forName(exception);
        answers.put(method, kind.getConstructor(String.class).newInstance(message));
    }

    /** Has a method do again what it does by itself. */
    public static synchronized void forget(String method) {
        answers.remove(method);
    }

    private static Runnable kept;

    /** Keeps something to be run, as a phone does with a call on its way. */
    public static void keep(Runnable work) {
        kept = work;
    }

    public static void runKept() throws InterruptedException {
        run(kept);
    }

    /** Runs something on a thread of its own, to its end. */
    public static void run(Runnable work) throws InterruptedException {
        Thread thread = new Thread(work, "another thread");
        thread.start();
        thread.join();
    }

    // -- for the made classes --------------------------------------------------------------

    public static void made(
            Object self,
            Map<String, Object> kept,
            String name,
            int since,
            String[] names,
            Object[] values) {
        if (level() < since) {
            throw new NoClassDefFoundError(name + " (since " + since + ")");
        }
        for (int i = 0; i < names.length; i++) {
            kept.put(capital(names[i]), values[i]);
        }
    }

    public static Object call(
            Object self,
            Map<String, Object> kept,
            String owner,
            String name,
            int since,
            String returns,
            Object[] values) {
        String method = owner + "." + name;
        if (level() < since) {
            throw new NoSuchMethodError(method + " (since " + since + ")");
        }
        Object scripted;
        boolean has;
        synchronized (Doubles.class) {
            calls.add(method + shown(values));
            has = answers.containsKey(method);
            scripted = answers.get(method);
        }
        if (has && scripted instanceof Throwable) {
            throw Doubles.<RuntimeException>sneak((Throwable) scripted);
        }
        if (has) {
            return fit(scripted, returns);
        }
        Object own = Phone.answer(self, kept, method, values);
        if (own != Phone.NOTHING) {
            return fit(own, returns);
        }
        return kept == null ? zero(returns) : bean(self, kept, owner, name, returns, values);
    }

    /** What most classes do: setters keep, getters give, builders build. */
    private static Object bean(
            Object self,
            Map<String, Object> kept,
            String owner,
            String name,
            String returns,
            Object[] values) {
        if (name.equals("build") && owner.endsWith(".Builder")) {
            return Phone.make(self.getClass().getName().replace("$Builder", ""), kept);
        }
        if (name.startsWith("set") && values.length >= 1) {
            kept.put(name.substring(3), values[0]);
            return self.getClass().getName().replace('$', '.').equals(returns)
                    ? self
                    : zero(returns);
        }
        if (values.length == 0) {
            for (String prefix : new String[] {"get", "is", ""}) {
                String key = capital(name.substring(name.startsWith(prefix) ? prefix.length() : 0));
                if (kept.containsKey(key)) {
                    return fit(kept.get(key), returns);
                }
            }
        }
        return zero(returns);
    }

    static Object fit(Object value, String type) {
        if (value == null) {
            return zero(type);
        }
        if (type.equals("boolean") && value instanceof Number) {
            return ((Number) value).intValue() != 0;
        }
        if (value instanceof Object[]) {
            Object[] items = (Object[]) value;
            if (type.equals("java.util.List")) {
                return new ArrayList<>(Arrays.asList(items));
            }
            if (type.equals("java.util.Set")) {
                return new LinkedHashSet<>(Arrays.asList(items));
            }
            if (type.endsWith("[]")) {
                return array(items, type.substring(0, type.length() - 2));
            }
        }
        return value;
    }

    private static Object array(Object[] items, String type) {
        try {
            Class<?> kind = type.equals("int") ? int.class : Class.forName(type);
            Object made = Array.newInstance(kind, items.length);
            for (int i = 0; i < items.length; i++) {
                Array.set(made, i, items[i]);
            }
            return made;
        } catch (ClassNotFoundException error) {
            throw new IllegalStateException(error);
        }
    }

    private static Object zero(String type) {
        switch (type) {
            case "boolean":
                return false;
            case "int":
            case "long":
            case "float":
                return 0;
            default:
                return type.endsWith("[]") || type.equals("java.util.List")
                        ? fit(new Object[0], type)
                        : null;
        }
    }

    private static String shown(Object[] values) {
        List<String> all = new ArrayList<>();
        for (Object value : values) {
            boolean plain = value == null || value instanceof Number || value instanceof Boolean;
            boolean text = value instanceof CharSequence;
            all.add(plain || text ? String.valueOf(value) : value.getClass().getSimpleName());
        }
        return "(" + String.join(", ", all) + ")";
    }

    private static String capital(String name) {
        return name.isEmpty() ? name : Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneak(Throwable error) throws E {
        throw (E) error;
    }
}
