/** Runs the Python tests of templates, dashboards and scripts as a part of the build; no code of the pipeline lives here. */
package io.taxistream.templates;
