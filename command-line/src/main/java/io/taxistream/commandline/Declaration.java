package io.taxistream.commandline;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** An option, and what its declaration says of its values. */
final class Declaration {

    private static final int MAX_SHOWN = 200;

    private final ArgSpec option;
    private final Map<Class<?>, Values.Type> types;
    private final Optional<Accepts> accepts;

    /** @param types the types of option that the program knows */
    Declaration(ArgSpec option, Map<Class<?>, Values.Type> types) {
        this.option = option;
        this.types = types;
        this.accepts = annotation(Accepts.class);
        if (takesValue() && accepted().isEmpty()) {
            throw new IllegalStateException(name() + " must declare with @Accepts which values it accepts");
        }
    }

    private <T extends Annotation> Optional<T> annotation(Class<T> type) {
        return option.userObject() instanceof AnnotatedElement field
                ? Optional.ofNullable(field.getAnnotation(type))
                : Optional.empty();
    }

    private String name() {
        return option instanceof OptionSpec named ? named.longestName() : option.paramLabel();
    }

    boolean takesValue() {
        return option.arity().max() > 0;
    }

    /** What the option accepts, range included, to complete "it must be". */
    String accepted() {
        String own = accepts.map(Accepts::value).orElse("");
        String what = !own.isEmpty()
                ? own
                : type().isEnum()
                        ? constants()
                        : ofType().map(Values.Type::accepted).orElse("");
        return what + range().map(each -> " from " + each).orElse("");
    }

    /** Range of accepted values, such as "1 to 256". */
    Optional<String> range() {
        return accepts.filter(each -> !each.from().isEmpty()).map(each -> each.from() + " to " + each.to());
    }

    /** Default as it is written on the command line, or in words if it is computed. */
    Optional<String> byDefault() {
        if (!takesValue()) {
            return Optional.empty();
        }
        Object fixed = option.defaultValue() != null ? option.defaultValue() : option.initialValue();
        return annotation(ComputedDefault.class)
                .map(ComputedDefault::value)
                .or(() -> Optional.ofNullable(fixed)
                        .map(value -> value instanceof List<?> list ? list : List.of(value))
                        .map(values -> values.stream().map(Values::written).collect(Collectors.joining(" and "))));
    }

    private Class<?> type() {
        return option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
    }

    private Optional<Values.Type> ofType() {
        return Optional.ofNullable(types.get(type()));
    }

    private String constants() {
        List<String> names = Arrays.stream(type().getEnumConstants())
                .map(each -> each.toString().toLowerCase(Locale.ROOT))
                .toList();
        int last = names.size() - 1;
        return String.join(", ", names.subList(0, last)) + " or " + names.get(last);
    }

    /** @throws UsageException if the command line gives the option a value that it does not accept */
    void check() {
        for (String value : option.stringValues()) {
            if (!accepts.map(each -> isAccepted(value, each)).orElse(true)) {
                throw new UsageException(refusal(value));
            }
        }
    }

    private boolean isAccepted(String value, Accepts accepts) {
        return (accepts.pattern().isEmpty() || value.matches(accepts.pattern()))
                && (accepts.from().isEmpty()
                        || (compare(accepts.from(), value) <= 0 && compare(value, accepts.to()) <= 0));
    }

    @SuppressWarnings("unchecked")
    private int compare(String left, String right) {
        ITypeConverter<?> converter = ofType().orElseThrow().converter();
        try {
            return ((Comparable<Object>) converter.convert(left)).compareTo(converter.convert(right));
        } catch (Exception e) {
            throw new IllegalStateException(name() + " must have bounds of its type", e);
        }
    }

    /** Message for a value that is not accepted. */
    String refusal(String value) {
        // messages may be logged, so without user and password
        String shown = value.replaceFirst("//.*@", "//***@");
        return "%s is '%s'; it must be %s"
                .formatted(
                        name(), shown.length() > MAX_SHOWN ? shown.substring(0, MAX_SHOWN) + "…" : shown, accepted());
    }
}
