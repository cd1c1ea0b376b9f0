/**
 * Options of all programs: declared with picocli, checked, reported in one form, and documented from the declarations.
 *
 * <p>An option is a field with picocli's {@code @Option}. {@link io.taxistream.commandline.Accepts} limits its values,
 * {@code defaultValue} or the field's initial value is its default, and {@link io.taxistream.commandline.ComputedDefault}
 * describes a default that depends on something else. Help, errors and the tables in {@code docs/} follow from these.
 */
@NullMarked
package io.taxistream.commandline;

import org.jspecify.annotations.NullMarked;
