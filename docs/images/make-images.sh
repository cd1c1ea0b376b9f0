#!/usr/bin/env bash
# Takes the screenshots of the status page from a replay of the generated day: desktop in light mode, phone in dark mode.
# Requires a JDK 17 or newer, Chromium and ChromeDriver (Debian: apt-get install chromium chromium-driver).
set -euo pipefail
cd "$(dirname "$0")/../.."

./mvnw -B -q --no-transfer-progress verify -pl local-pipeline/pipeline-tests -am -Dtest=NONE -Dit.test=PageImages \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
ls -l docs/images/*.png
