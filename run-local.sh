#!/bin/sh
# Builds the pipeline if needed and runs it on this machine. See ./run-local.sh --help.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

fail() {
    echo "$1" >&2
    exit 1
}

# --- check the JDK ------------------------------------------------------------------------------------------------------

need_jdk='A JDK 17 or newer is required: install Amazon Corretto 17 (https://aws.amazon.com/corretto) or a package of your system (Debian, Ubuntu: openjdk-17-jdk; Fedora, Amazon Linux: java-17-amazon-corretto-devel; macOS: brew install --cask corretto@17)'

if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    javac=$JAVA_HOME/bin/javac
    where="in JAVA_HOME ($JAVA_HOME)"
else
    java=java
    javac=javac
    where="on the PATH"
fi
command -v "$java" >/dev/null 2>&1 || fail "No java command found $where. $need_jdk"
settings=$("$java" -XshowSettings:properties -version 2>&1)
version=$(printf '%s\n' "$settings" | sed -n 's/^ *java\.specification\.version = //p')
case $version in
    ''|1.*) feature=8 ;;
    *) feature=${version%%.*} ;;
esac
[ "$feature" -ge 17 ] || fail "The Java version $where is ${version:-unknown}. $need_jdk"

terminal=false
[ ! -t 1 ] || terminal=true

# --- build if a jar is missing or outdated ------------------------------------------------------------------------------

version=1.0
processor=flink-taxi-stream-processor/target/flink-taxi-stream-processor-$version.jar
producer=kinesis-taxi-stream-producer/target/kinesis-taxi-stream-producer-$version.jar
search=local-pipeline/opensearch/target/local-opensearch-$version.jar
pipeline=local-pipeline/target/local-pipeline-$version.jar

# is_stale JAR SOURCE...: succeeds if the jar is missing or older than a source
is_stale() {
    jar=$root/$1
    shift
    [ -f "$jar" ] || return 0
    [ -n "$(cd -- "$root" && find "$@" -newer "$jar" -type f 2>/dev/null | head -n 1)" ]
}

# show_build: reads the output of Maven, and prints each module with the share of the modules built before it, and errors; on a
# terminal, also the number of files downloaded for the current module
show_build() {
    prefix=
    module=
    downloads=0
    ! "$terminal" || module='  0%  Maven'
    printf '%s' "$module"
    while IFS= read -r line; do
        case $line in
            '[INFO] Building '*'['*/*']')
                end_line
                number=${line##*'['}
                number=${number%']'}
                name=${line#'[INFO] Building '}
                name=${name%' ['*}
                name=${name%%'  '*}
                module=$(printf '%3d%%  %s' "$(((${number%/*} - 1) * 100 / ${number#*/}))" "${name% *}")
                downloads=0
                printf '%s' "$module"
                "$terminal" || end_line
                ;;
            'Downloaded from '*)
                if "$terminal" && [ -n "$module" ]; then
                    downloads=$((downloads + 1))
                    printf '\r%s (%d files downloaded)' "$module" "$downloads"
                fi
                ;;
            'Downloading from '*) ;;
            '['*)
                prefix=${line%%']'*}
                [ "$prefix" != '[ERROR' ] || { end_line && printf '%s\n' "$line" >&2; }
                ;;
            *)
                # Only the first line of a message has a prefix. Before Maven's first message, this is an error of the wrapper.
                case $prefix$line in
                    '[INFO'* | '[WARNING'*) ;;
                    *) end_line && printf '%s\n' "$line" >&2 ;;
                esac
                ;;
        esac
    done
    end_line
}

# end_line: ends the current line of the module, if it has not been ended
end_line() {
    [ -z "$module" ] || printf '\n'
    module=
}

shared='pom.xml taxi-stream-events/pom.xml taxi-stream-events/src/main command-line/pom.xml command-line/src/main libraries/pom.xml'
for library in "$root"/libraries/*/; do
    name=${library#"$root/"}
    shared="$shared ${name}pom.xml ${name}src/main"
done
# shellcheck disable=SC2086 # a list of paths without spaces
if is_stale "$processor" $shared flink-taxi-stream-processor/pom.xml flink-taxi-stream-processor/src/main ||
    is_stale "$producer" $shared kinesis-taxi-stream-producer/pom.xml kinesis-taxi-stream-producer/src/main ||
    is_stale "$search" pom.xml local-pipeline/guard/pom.xml local-pipeline/guard/src/main local-pipeline/opensearch/pom.xml \
        local-pipeline/opensearch/src/main ||
    is_stale "$pipeline" $shared local-pipeline/pom.xml local-pipeline/src/main ||
    [ ! -d "$root/local-pipeline/target/lib" ] || [ ! -d "$root/local-pipeline/opensearch/target/lib" ]; then
    command -v "$javac" >/dev/null 2>&1 ||
        fail "The project must be built, but the Java installation $where has no compiler (javac). $need_jdk"
    [ -w "$root" ] || fail "The project must be built, but $root is not writable. Build it as a user with write access: ./mvnw -q -DskipTests package"
    echo "Building the jars; the first build downloads dependencies and takes a few minutes"
    # Suppress the warnings of newer JDKs about sun.misc.Unsafe and native access in Maven's libraries.
    [ "$feature" -lt 23 ] || {
        MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
        export MAVEN_OPTS
    }
    # Build in the background, so that the build can be stopped together with this script.
    pipe=$(mktemp -d "${TMPDIR:-/tmp}/taxi-stream-build.XXXXXX") || fail "The temporary folder ${TMPDIR:-/tmp} is not writable. Select another one with TMPDIR=FOLDER"
    trap 'rm -rf "$pipe"' EXIT
    mkfifo "$pipe/maven"
    # Without what a run does not need: tests, checks of the formatting, Javadoc, sources, bills of materials.
    (cd -- "$root" && exec ./mvnw -B -Dmaven.test.skip=true -Dspotless.check.skip=true -Dmaven.javadoc.skip=true \
        -Dmaven.source.skip=true -Dcyclonedx.skip=true -pl local-pipeline -am package) >"$pipe/maven" 2>&1 &
    build=$!
    trap 'kill "$build" 2>/dev/null || true; wait "$build" 2>/dev/null || true; exit 130' INT TERM HUP
    show_build <"$pipe/maven"
    wait "$build" || fail "The build failed; see the output above"
    rm -rf "$pipe"
    trap - INT TERM HUP EXIT
    # Maven does not rewrite a jar whose content is unchanged; update its time so that it counts as up to date.
    touch "$root/$processor" "$root/$producer" "$root/$search" "$root/$pipeline"
fi

# --- prepare the environment --------------------------------------------------------------------------------------------

# Java encodes file names in the charset of the locale. In the C locale, it cannot open files with non-ASCII names.
case $(locale charmap 2>/dev/null) in
    ''|ANSI_X3.4-1968|US-ASCII|646)
        LC_ALL=C.UTF-8
        export LC_ALL
        ;;
esac

temporary=${TMPDIR:-/tmp}
{ [ -d "$temporary" ] && [ -w "$temporary" ]; } ||
    fail "The temporary folder $temporary does not exist or is not writable. Select another one with TMPDIR=FOLDER"

heap=${TAXI_STREAM_HEAP:-1000m}
case $heap in
    *[0-9][kKmMgG]) digits=${heap%?} ;;
    *) digits=$heap ;;
esac
case $digits in
    ''|*[!0-9]*) fail "TAXI_STREAM_HEAP is '$heap', which is not a size. Set it to one such as 1000m or 2g" ;;
esac

# run_java OPTION...: becomes the JVM of the pipeline
run_java() {
    # Suppress the warnings of newer JDKs about native access and sun.misc.Unsafe in libraries.
    [ "$feature" -lt 23 ] || set -- --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED "$@"
    # C2 compiles later than by default, see FastStart.java.
    exec "$java" "-Xmx$heap" -XX:+UseParallelGC -XX:MaxDirectMemorySize=256m \
        -XX:Tier4InvocationThreshold=80000 -XX:Tier4MinInvocationThreshold=9600 -XX:Tier4CompileThreshold=240000 \
        -XX:Tier4BackEdgeThreshold=640000 \
        "-Djava.io.tmpdir=$temporary" "$@"
}

# --- archive the classes ------------------------------------------------------------------------------------------------

# A JVM with an archive of its classes (class-data sharing) maps them instead of loading and verifying each. A JVM ignores
# archives of another JVM or of other jars. The child processes find theirs next to their jars, see FastStart.java.
stamp=local-pipeline/target/archived-classes
jdk=$(printf '%s\n' "$settings" | sed -n -e 's/^ *java\.home = //p' -e 's/^ *java\.vm\.version = //p')

# archive_classes: runs the pipeline with two trips, at whose end each JVM archives the classes that it has loaded
archive_classes() {
    # Written first: if this fails, it is not tried again before the next build.
    printf '%s\n' "$jdk" >"$root/$stamp"
    echo "Archiving classes for faster starts; this takes half a minute after a build"
    scratch=$(mktemp -d "$temporary/taxi-stream-archive.XXXXXX") || return 0
    cat >"$scratch/trips.csv" <<'TRIPS'
tpep_pickup_datetime,tpep_dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount
2015-12-02 08:00:00,2015-12-02 08:31:00,-73.9855,40.7580,-73.7820,40.6447,52
2015-12-02 08:01:00,2015-12-02 08:32:00,-73.9855,40.7580,-73.7820,40.6447,52
TRIPS
    (
        TAXI_STREAM_LOGS=$scratch/logs
        export TAXI_STREAM_LOGS
        run_java "-XX:ArchiveClassesAtExit=$root/${pipeline%.jar}.jsa.new" -Dtaxistream.archive=true -jar "$root/$pipeline" \
            --data "$scratch/trips.csv" --speedup 0 --once --port 0 --no-browser
    ) >/dev/null 2>&1 &
    archiving=$!
    trap 'kill "$archiving" 2>/dev/null || true; wait "$archiving" 2>/dev/null || true; rm -rf "$scratch" "$root/$stamp"; exit 130' INT TERM HUP
    archived=true
    wait "$archiving" || archived=false
    trap - INT TERM HUP
    rm -rf "$scratch"
    "$archived" || echo "The classes could not be archived: starts take longer, and nothing else changes" >&2
    for jar in "$producer" "$search" "$pipeline"; do
        archive=$root/${jar%.jar}.jsa
        if "$archived" && [ -f "$archive.new" ]; then
            mv -f "$archive.new" "$archive"
        else
            rm -f "$archive.new" "$archive"
        fi
    done
}

case " $* " in
    *' --help '*) ;;
    *)
        # The JVM's option separates archives with colons.
        case $root in
            *:*) ;;
            *)
                if [ -w "$root/local-pipeline/target" ] &&
                    { is_stale "$stamp" "$processor" "$producer" "$search" "$pipeline" || [ "$(cat "$root/$stamp")" != "$jdk" ]; }; then
                    archive_classes
                fi
                ;;
        esac
        ;;
esac

# --- run ----------------------------------------------------------------------------------------------------------------

set -- "-Dtaxistream.terminal=$terminal" -jar "$root/$pipeline" "$@"
archive=$root/${pipeline%.jar}.jsa
[ ! -f "$archive" ] || set -- "-XX:SharedArchiveFile=$archive" -Xlog:cds=off -Xlog:cds+dynamic=off "$@"
run_java "$@"
