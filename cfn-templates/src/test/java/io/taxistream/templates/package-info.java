/**
 * Runs the Python tests of templates, dashboards and scripts as part of the build; it contains no code of the pipeline.
 */
package io.taxistream.templates;
