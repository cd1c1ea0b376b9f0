#!/bin/sh
# Builds and runs the benchmarks, and writes their tables to docs/benchmarks.md. See ./run-benchmarks.sh --help.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd -- "$root"

./mvnw -B -q -DskipTests package
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" --add-opens java.base/java.util=ALL-UNNAMED -Xms3g -Xmx3g -XX:+UseParallelGC \
    -cp "benchmarks/target/benchmarks-1.0.jar:benchmarks/target/lib/*" io.taxistream.benchmarks.Benchmarks "$@"
