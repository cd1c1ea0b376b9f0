package io.taxistream.commandline;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Values that an option accepts. Values outside are refused, also for each element of an option with several values. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Accepts {

    /** Description of an accepted value that completes "it must be", such as "a region such as us-east-1". */
    String value() default "";

    /** Smallest value as it is written on the command line; only together with {@link #to()}. */
    String from() default "";

    /** Largest value as it is written on the command line. */
    String to() default "";

    /** Regular expression that the whole value as written must match. */
    String pattern() default "";
}
