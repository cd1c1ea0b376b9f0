#!/bin/sh
# Replays taxi trips through Kinesis and Flink into a search engine, all on this machine. See ./run-local.sh --help.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

fail() {
    echo "$1" >&2
    exit 1
}

# --- what must be there -------------------------------------------------------------------------------------------------

need_jdk='JDK 17 or newer is needed: install Amazon Corretto 17 (https://aws.amazon.com/corretto), or your system'\''s package (Debian, Ubuntu: openjdk-17-jdk; Fedora, Amazon Linux: java-17-amazon-corretto-devel; macOS: brew install --cask corretto@17)'

if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    javac=$JAVA_HOME/bin/javac
    where="in JAVA_HOME ($JAVA_HOME)"
else
    java=java
    javac=javac
    where="on the PATH"
fi
command -v "$java" >/dev/null 2>&1 || fail "There is no java $where. $need_jdk"
version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.specification\.version = //p')
case $version in
    ''|1.*) feature=8 ;;
    *) feature=${version%%.*} ;;
esac
[ "$feature" -ge 17 ] || fail "The java $where is version ${version:-unknown}. $need_jdk"

# --- build what is missing or older than its sources --------------------------------------------------------------------

version=1.0
processor=flink-taxi-stream-processor/target/flink-taxi-stream-processor-$version.jar
producer=kinesis-taxi-stream-producer/target/kinesis-taxi-stream-producer-$version.jar
search=local-pipeline/opensearch/target/local-opensearch-$version.jar
pipeline=local-pipeline/target/local-pipeline-$version.jar

# is_stale JAR SOURCE...: whether the jar is missing or a source is newer
is_stale() {
    jar=$root/$1
    shift
    [ -f "$jar" ] || return 0
    for source in "$@"; do
        [ -z "$(find "$root/$source" -newer "$jar" -type f 2>/dev/null | head -n 1)" ] || return 0
    done
    return 1
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
        fail "The java $where is a runtime without a compiler (javac), but the project must be built. $need_jdk"
    [ -w "$root" ] || fail "The project must be built, but you may not write to $root. Build it as a user who may: ./mvnw -q -DskipTests package"
    echo "Building the jars (the first time this downloads the libraries and takes some minutes): ./mvnw -q -DskipTests -pl local-pipeline -am package"
    # In the background, so that this script can end it when it is ended itself.
    (cd -- "$root" && exec ./mvnw -B -q -DskipTests -pl local-pipeline -am package) &
    build=$!
    trap 'kill "$build" 2>/dev/null; wait "$build" 2>/dev/null; exit 130' INT TERM HUP
    wait "$build" || fail "The build failed; the lines above say why"
    trap - INT TERM HUP
    # Maven leaves a jar alone whose content is the same; the sources' times say that there was something to do.
    touch "$root/$processor" "$root/$producer" "$root/$search" "$root/$pipeline"
fi

# --- run ----------------------------------------------------------------------------------------------------------------

# Java reads and writes the names of files in the locale's encoding, and in plain C cannot open one with an umlaut.
case $(locale charmap 2>/dev/null) in
    ''|ANSI_X3.4-1968|US-ASCII|646)
        LC_ALL=C.UTF-8
        export LC_ALL
        ;;
esac

temporary=${TMPDIR:-/tmp}
{ [ -d "$temporary" ] && [ -w "$temporary" ]; } ||
    fail "The temporary folder $temporary does not exist or cannot be written. Name another one with TMPDIR=FOLDER"

terminal=false
[ ! -t 1 ] || terminal=true
# Newer JDKs warn on the terminal about what the libraries do.
set -- -jar "$root/$pipeline" "$@"
[ "$feature" -lt 23 ] || set -- --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED "$@"
exec "$java" "-Xmx${TAXI_STREAM_HEAP:-1000m}" -XX:+UseParallelGC -XX:MaxDirectMemorySize=256m \
    "-Djava.io.tmpdir=$temporary" "-Dtaxistream.terminal=$terminal" "$@"
