#!/usr/bin/env bash
# Makes the pictures of the page from a generated day: on a desktop in light mode, on a phone in dark mode.
# Needs a JDK, and Chromium with its driver (Debian: apt-get install chromium chromium-driver).
set -euo pipefail
cd "$(dirname "$0")/../.."

./mvnw -B -q --no-transfer-progress verify -pl local-pipeline -am -DskipTests -Dit.test=PageImages \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
ls -l docs/images/*.png
