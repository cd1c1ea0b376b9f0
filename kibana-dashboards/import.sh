#!/usr/bin/env bash
# Installs the index templates in a search engine and imports the saved objects into its dashboards, replacing existing ones with the same IDs.
# The time range of the dashboard is set to that of the results in the engine, from the first to the last.
set -euo pipefail

usage() {
    cat <<'END'
Usage: import.sh [--live] ENGINE DASHBOARDS
       import.sh [--live] ENDPOINT
       import.sh [--live] --sign REGION ENDPOINT

Installs the index templates and imports the dashboard.

  ENGINE DASHBOARDS        a search engine and its dashboards, such as http://localhost:9200 http://localhost:5601
  ENDPOINT                 a domain that accepts requests from your IP address, such as
                           https://search-taxi-dashboard-abc.us-east-1.es.amazonaws.com
  --sign REGION ENDPOINT   a domain, with requests signed with your credentials: those in the environment (AWS_ACCESS_KEY_ID
                           and so on), otherwise those of the AWS CLI version 2
  --live                   show the last hour; without it, the dashboard shows the time range of the results in the engine
END
}

misused() {
    usage >&2
    exit 2
}

fail() {
    echo "import.sh: $1" >&2
    exit 1
}

if [[ ${1-} == --help ]]; then
    usage
    exit
fi
region=
live=
if [[ ${1-} == --live ]]; then
    live=yes
    shift
fi
if [[ ${1-} == --sign ]]; then
    [[ $# -eq 3 ]] || misused
    region=$2
    shift 2
fi
[[ $# -eq 1 || ($# -eq 2 && -z $region) ]] || misused
[[ $1 == http://* || $1 == https://* ]] || fail "'$1' must start with https:// or http://"
engine=${1%/}
dashboards=${2-}

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in curl python3; do
    command -v "$tool" >/dev/null || fail "$tool is missing; install it with your package manager"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Pass credentials to curl in a private file: every user of the machine can read command lines.
settings=$work/settings
(umask 077 && : >"$settings")
if [[ -n $region ]]; then
    if [[ -z ${AWS_ACCESS_KEY_ID-} || -z ${AWS_SECRET_ACCESS_KEY-} ]]; then
        exported=$(aws configure export-credentials --format env-no-export 2>"$work/problem") ||
            fail "no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run aws sso login ($(head -n 1 "$work/problem"))"
        while IFS='=' read -r name value; do
            declare "$name=$value"
        done <<<"$exported"
    fi
    {
        printf 'aws-sigv4 = "aws:amz:%s:es"\n' "$region"
        printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
        [[ -z ${AWS_SESSION_TOKEN-} ]] || printf 'header = "x-amz-security-token: %s"\n' "$AWS_SESSION_TOKEN"
    } >"$settings"
fi

# request METHOD URL CONTENT-TYPE FILE: prints the response; retries while the engine is starting or throttles
request() {
    local status
    status=$(curl --config "$settings" --silent --show-error --retry 5 --retry-connrefused --request "$1" "$2" --header "Content-Type: $3" \
        --header 'kbn-xsrf: true' --header 'osd-xsrf: true' --data-binary "@$4" --output "$work/answer" --write-out '%{http_code}') ||
        fail "cannot reach $2"
    [[ $status == 2* ]] || fail "$1 $2: HTTP $status $(tail -c 500 "$work/answer")"
    cat "$work/answer"
}

# The path of a domain's dashboards depends on its engine.
if [[ -z $dashboards ]]; then
    : >"$work/empty"
    about=$(request GET "$engine/" application/json "$work/empty")
    if grep -q '"distribution" *: *"opensearch"' <<<"$about"; then
        dashboards=$engine/_dashboards
    else
        dashboards=$engine/_plugin/kibana
    fi
fi

python3 -c '
import json, sys
folder, work = sys.argv[1:]
with open(folder + "/index-templates.json", encoding="utf-8") as file:
    templates = json.load(file)
for suffix, template in templates.items():
    index = "taxi-dashboard-" + suffix
    with open(work + "/" + index + ".template", "w", encoding="utf-8") as file:
        json.dump({**template, "index_patterns": [index]}, file)
' "$folder" "$work"
for template in "$work"/*.template; do
    index=$(basename "$template" .template)
    request PUT "$engine/_index_template/$index" application/json "$template" >/dev/null
    echo "installed index template $index"
done

# Set the time range from the window of the first result to that of the last.
printf '{"aggs": {"first": {"min": {"field": "timestamp"}}, "last": {"max": {"field": "timestamp"}}}}' >"$work/ends"
request GET "$engine/taxi-dashboard-pickup-count/_search?ignore_unavailable=true&size=0" application/json "$work/ends" >"$work/found"
python3 -c '
import datetime, json, sys
folder, work, live = sys.argv[1:]
window_millis = 600_000
with open(work + "/found", encoding="utf-8") as file:
    found = json.load(file).get("aggregations", {})
first, last = (found.get(name, {}).get("value") for name in ("first", "last"))
with open(folder + "/taxi-trips-dashboard.ndjson", encoding="utf-8") as file:
    objects = [json.loads(line) for line in file]

def text(millis):
    return datetime.datetime.fromtimestamp(millis // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")

(board,) = (one["attributes"] for one in objects if one["type"] == "dashboard")
if live:
    board.update(timeFrom="now-1h", timeTo="now", refreshInterval={"pause": False, "value": 10000})
elif first is not None:
    board.update(timeFrom=text(first - window_millis), timeTo=text(last + window_millis))
else:
    print("there are no results yet; run this again once there are, to set the time range of the dashboard", file=sys.stderr)
with open(work + "/objects.ndjson", "w", encoding="utf-8") as file:
    file.writelines(json.dumps(one) + "\n" for one in objects)
print("the dashboard shows", board["timeFrom"], "to", board["timeTo"])
' "$folder" "$work" "$live"

# Build the form here: with curl --form, the signature would cover an empty body.
boundary=saved-objects-e4b1c2
{
    printf -- '--%s\r\nContent-Disposition: form-data; name="file"; filename="taxi-trips-dashboard.ndjson"\r\n' "$boundary"
    printf 'Content-Type: application/ndjson\r\n\r\n'
    cat "$work/objects.ndjson"
    printf -- '\r\n--%s--\r\n' "$boundary"
} >"$work/form"
answer=$(request POST "${dashboards%/}/api/saved_objects/_import?overwrite=true" "multipart/form-data; boundary=$boundary" "$work/form")
grep -q '"success" *: *true' <<<"$answer" || fail "the saved objects were rejected: ${answer:0:500}"
echo "open ${dashboards%/}/app/dashboards#/view/Taxi-Trips-Dashboard"
