package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Copies objects with all that they refer to, and takes their fingerprints, by reflection: no field of a class under test
 * can be forgotten, whatever is added to it; the fields that fingerprints leave out are named. Records are taken for immutable.
 */
final class ObjectState {

    private static final ClassValue<List<Field>> FIELDS = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            List<Field> fields = new ArrayList<>();
            for (Class<?> c = type; c != Object.class; c = c.getSuperclass()) {
                for (Field field : c.getDeclaredFields()) {
                    // JaCoCo, for one, adds a synthetic field, which is static
                    if (!Modifier.isStatic(field.getModifiers())) {
                        field.setAccessible(true);
                        fields.add(field);
                    }
                }
            }
            return fields;
        }
    };

    private static final ClassValue<List<Field>> HASHED_FIELDS = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            return FIELDS.get(type).stream()
                    .filter(field -> !field.getName().equals(DECIDES_NOTHING.get(field.getDeclaringClass())))
                    .toList();
        }
    };

    /**
     * Fields in which states may differ without being different, by class: what is the same in all states; the position that a
     * shard was restored at, which {@link ModelReader} follows from there; and the newest event, which no model uses.
     */
    private static final Map<Class<?>, String> DECIDES_NOTHING = Map.of(
            JobModel.class, "plan",
            HeldShard.class, "startPosition",
            ReaderShards.class, "newestEventElsewhereMillis");

    private static final ClassValue<Boolean> IMMUTABLE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return type == String.class
                    || Number.class.isAssignableFrom(type)
                    || type == BigInteger.class
                    || type == PartWatermarks.class
                    || type == Boolean.class
                    || type.isRecord()
                    || type.isEnum()
                    || type.getName().startsWith("java.util.ImmutableCollections$");
        }
    };

    private static final Object UNSAFE;
    private static final Method ALLOCATE;

    static {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            UNSAFE = instance.get(null);
            ALLOCATE = unsafe.getMethod("allocateInstance", Class.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private ObjectState() {}

    /** 128 bits that stand for a state; two states with the same are taken for one. */
    record Fingerprint(long high, long low) {}

    static <T> T copy(T original) {
        try {
            @SuppressWarnings("unchecked")
            T copy = (T) copy(original, new IdentityHashMap<>());
            return copy;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Nullable
    private static Object copy(@Nullable Object original, Map<Object, Object> copies)
            throws ReflectiveOperationException {
        if (original == null || IMMUTABLE.get(original.getClass())) {
            return original;
        }
        Object known = copies.get(original);
        if (known != null) {
            return known;
        }
        if (original instanceof Map<?, ?> map) {
            Map<Object, Object> copy = emptyMap(map);
            copies.put(original, copy);
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                copy.put(copy(entry.getKey(), copies), copy(entry.getValue(), copies));
            }
            return copy;
        }
        if (original instanceof Collection<?> collection) {
            Collection<Object> copy = emptyCollection(collection);
            copies.put(original, copy);
            for (Object element : collection) {
                copy.add(copy(element, copies));
            }
            return copy;
        }
        Object copy = ALLOCATE.invoke(UNSAFE, original.getClass());
        copies.put(original, copy);
        for (Field field : FIELDS.get(original.getClass())) {
            Class<?> type = field.getType();
            if (type == long.class) {
                field.setLong(copy, field.getLong(original));
            } else if (type == int.class) {
                field.setInt(copy, field.getInt(original));
            } else if (type == boolean.class) {
                field.setBoolean(copy, field.getBoolean(original));
            } else {
                field.set(copy, copy(field.get(original), copies));
            }
        }
        return copy;
    }

    private static Map<Object, Object> emptyMap(Map<?, ?> map) {
        if (map instanceof LinkedHashMap) {
            return new LinkedHashMap<>();
        }
        if (map instanceof TreeMap) {
            return new TreeMap<>();
        }
        if (map instanceof HashMap) {
            return new HashMap<>();
        }
        throw new IllegalStateException("no copy of " + map.getClass());
    }

    private static Collection<Object> emptyCollection(Collection<?> collection) {
        if (collection instanceof ArrayList) {
            return new ArrayList<>(collection.size());
        }
        if (collection instanceof ArrayDeque) {
            return new ArrayDeque<>(collection.size() + 1);
        }
        if (collection instanceof TreeSet) {
            return new TreeSet<>();
        }
        if (collection instanceof HashSet) {
            return new HashSet<>();
        }
        throw new IllegalStateException("no copy of " + collection.getClass());
    }

    static Fingerprint fingerprint(Object object) {
        try {
            Hash hash = new Hash();
            hash.add(object);
            return new Fingerprint(hash.high, hash.low);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Two hashes at once; sets and maps count whatever their order. */
    private static final class Hash {
        long high = 0x9E3779B97F4A7C15L;
        long low = 0xC2B2AE3D27D4EB4FL;

        void mix(long value) {
            high = mixed(high ^ value) + 0x165667B19E3779F9L;
            low = mixed(low * 31 + value + 0x27D4EB2F165667C5L);
        }

        private static long mixed(long value) {
            long v = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
            v = (v ^ (v >>> 27)) * 0x94D049BB133111EBL;
            return v ^ (v >>> 31);
        }

        void add(@Nullable Object object) throws ReflectiveOperationException {
            if (object == null) {
                mix(1);
            } else if (object instanceof String string) {
                mix(string.length() * 4L + 2);
                mix(string.hashCode());
            } else if (object instanceof Number || object instanceof Boolean || object instanceof Enum) {
                mix(3);
                mix(
                        object instanceof Number number
                                ? number.longValue()
                                : object.toString().hashCode());
            } else if (object instanceof Map<?, ?> map) {
                addUnordered(map.entrySet(), true);
            } else if (object instanceof Set<?> set) {
                addUnordered(set, false);
            } else if (object instanceof Collection<?> collection) {
                mix(collection.size());
                for (Object element : collection) {
                    add(element);
                }
            } else {
                mix(object.getClass().hashCode());
                for (Field field : HASHED_FIELDS.get(object.getClass())) {
                    Class<?> type = field.getType();
                    if (type == long.class) {
                        mix(field.getLong(object));
                    } else if (type == int.class) {
                        mix(field.getInt(object));
                    } else if (type == boolean.class) {
                        mix(field.getBoolean(object) ? 1 : 0);
                    } else {
                        add(field.get(object));
                    }
                }
            }
        }

        private void addUnordered(Collection<?> elements, boolean entries) throws ReflectiveOperationException {
            long sumHigh = elements.size();
            long sumLow = 0;
            for (Object element : elements) {
                Hash ofElement = new Hash();
                if (entries) {
                    Map.Entry<?, ?> entry = (Map.Entry<?, ?>) element;
                    ofElement.add(entry.getKey());
                    ofElement.add(entry.getValue());
                } else {
                    ofElement.add(element);
                }
                sumHigh += ofElement.high;
                sumLow += ofElement.low;
            }
            mix(sumHigh);
            mix(sumLow);
        }
    }
}
