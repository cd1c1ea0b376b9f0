#!/usr/bin/env bash
# Builds the documentation site in docs/.vitepress/dist: the pages of docs/ and the Javadoc of the libraries.
# Requires a JDK 17 or newer and Node.js 20 or newer.
set -euo pipefail
cd "$(dirname "$0")"

libraries=(event-time-core aws-credentials event-time-sender event-time-source search-sink embedded-kinesis)
site=docs/.vitepress/dist

modules=$(printf ',libraries/%s' "${libraries[@]}")
./mvnw -B -q --no-transfer-progress package -DskipTests -DskipITs -pl "${modules:1}" -am
(cd docs && npm ci --no-fund --no-audit && npm run build)

mkdir -p "$site/javadoc"
{
    echo '<!doctype html><html lang="en"><meta charset="utf-8"><title>Javadoc</title><h1>Javadoc</h1><ul>'
    for library in "${libraries[@]}"; do
        mkdir -p "$site/javadoc/$library"
        (cd "$site/javadoc/$library" && jar xf "$OLDPWD"/libraries/"$library"/target/"$library"-*-javadoc.jar)
        echo "<li><a href=\"$library/index.html\">$library</a></li>"
    done
    echo '</ul></html>'
} > "$site/javadoc/index.html"
echo "Built the site in $site. To view it, run: npx serve $site"
