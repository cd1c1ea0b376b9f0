// Progress and health of the pipeline: the figures at the top and the panels below.

import { count, dayAndTime, duration, UNKNOWN, wallClock } from "./format.js";

/** Wall-clock time over which rates are averaged. */
const RATE_MILLIS = 5_000;

/** A shard is marked as lagging if it is more than a window behind: it keeps windows open. */
const HOLDS_BACK_MILLIS = 600_000;

const SHARDS_SHOWN = 12;
const LINKS = { job: "Flink", search: "OpenSearch" };

const samples = [];

/**
 * Shows a status.
 *
 * @param lastWindowEnd end of the latest window with results, null before the first
 */
export function showHealth(status, lastWindowEnd) {
  remember(status);
  showFigures(status, lastWindowEnd);
  showProducers(status.producers);
  if (status.health) {
    showShards(status.health.shards);
    showJob(status);
  }
  showLinks(status.parts);
  showEvents(status.events);
  const leftOut = Object.entries(status.left_out);
  if (leftOut.length > 0) {
    pairs("left-out", leftOut.map(([reason, trips]) => [capital(reason), count(trips)]));
  }
}

/** Shows that the pipeline has ended, and disables the buttons. */
export function showStopped() {
  for (const rate of document.querySelectorAll("#figures .rate")) {
    rate.textContent = UNKNOWN;
  }
  for (const button of document.querySelectorAll("#scaling button")) {
    button.disabled = true;
  }
}

function remember(status) {
  const now = performance.now();
  samples.push({ now, sent: status.trips_sent ?? 0, read: status.trips_read ?? 0 });
  while (samples.length > 2 && samples[0].now < now - RATE_MILLIS) {
    samples.shift();
  }
}

/** Returns trips per second; never negative, although the job's count starts over after a failover. */
function rate(name) {
  const [first, last] = [samples[0], samples[samples.length - 1]];
  return first === last ? 0 : Math.max(0, ((last[name] - first[name]) * 1_000) / (last.now - first.now));
}

function showFigures(status, lastWindowEnd) {
  const reached = eventTime(status, lastWindowEnd);
  const replay = millisOf(status.replay_event_time);
  const behind = status.health?.shards.reduce((sum, shard) => sum + shard.records_behind, 0);
  const leftOut = Object.values(status.left_out).reduce((sum, trips) => sum + trips, 0);
  const share = status.trips_total ? ` of ${count(status.trips_total)}` : "";
  document.getElementById("figures").replaceChildren(...[
    ["Event time reached", reached === null ? UNKNOWN : dayAndTime(reached), behindReplay(status, reached, replay)],
    ["Sent", perSecond(rate("sent")), `${count(status.trips_sent)}${share} trips`],
    ["Processed", perSecond(rate("read")), `${count(status.trips_read)} trips`],
    ["Backlog", count(behind), "unread records"],
    ["Documents", count(status.pickup_count_documents + status.trip_duration_documents),
      `${count(status.pickup_count_documents)} cells, ${count(status.trip_duration_documents)} durations`],
    ["Left out", count(leftOut), "trips and records, see below"],
  ].map(([name, value, note]) => {
    const group = document.createElement("div");
    const isRate = value.endsWith("/s");
    group.append(element("dt", name), element("dd", value, isRate ? "rate" : ""), element("dd", note, "note"));
    return group;
  }));
}

/** At the end, returns the event time of the results, ignoring later trips that are not counted. */
function eventTime(status, lastWindowEnd) {
  const reached = millisOf(status.event_time);
  const hasEnded = status.parts.producer.state === "finished" && reached !== null && lastWindowEnd !== null;
  return hasEnded ? Math.min(reached, lastWindowEnd) : reached;
}

function behindReplay(status, reached, replay) {
  if (replay === null) {
    return "the replay has not started";
  }
  if (status.parts.producer.state === "finished") {
    return "the replay has ended";
  }
  const late = status.replay_lag_seconds > 1 ? `, which is ${duration(status.replay_lag_seconds * 1_000)} behind schedule` : "";
  if (reached === null) {
    return `the replay is at ${dayAndTime(replay)}${late}`;
  }
  const gap = Math.max(0, replay - reached);
  return status.speedup > 0
    ? `${duration(gap / status.speedup)} behind the replay${late}`
    : `${duration(gap)} of event time behind the replay`;
}

/** Shows the producers if there are several. */
function showProducers(producers) {
  document.getElementById("producers-panel").hidden = producers.length === 0;
  document.querySelector("#producers tbody").replaceChildren(...producers.map(producer => {
    const row = document.createElement("tr");
    const name = row.insertCell();
    name.textContent = producer.part;
    if (producer.state === "waiting") {
      name.append(element("span", "not running", "badge"));
    }
    if (producer.holds_back) {
      row.className = "holds-back";
      name.append(element("span", "lagging", "badge warning"));
    }
    const reached = millisOf(producer.event_time);
    row.insertCell().textContent = producer.ended ? "ended" : reached === null ? UNKNOWN : dayAndTime(reached);
    const sent = row.insertCell();
    sent.className = "number";
    sent.textContent = count(producer.trips_sent);
    return row;
  }));
}

function showShards(shards) {
  const known = shards.filter(shard => shard.watermark_millis !== null).map(shard => shard.watermark_millis);
  const leading = Math.max(...known);
  const byWatermark = [...shards].sort((a, b) => (a.watermark_millis ?? 0) - (b.watermark_millis ?? 0));
  const slowest = byWatermark[0];
  document.querySelector("#shards tbody").replaceChildren(...byWatermark.slice(0, SHARDS_SHOWN).map(shard => {
    const row = document.createElement("tr");
    const name = row.insertCell();
    name.textContent = shard.id.replace("shardId-", "").replace(/^0+(?=\d{4})/, "…");
    name.title = shard.id;
    if (!shard.open) {
      name.append(element("span", "closed", "badge"));
    }
    if (shard === slowest && known.length > 0 && leading - (shard.watermark_millis ?? 0) >= HOLDS_BACK_MILLIS) {
      row.className = "holds-back";
      name.append(element("span", "lagging", "badge warning"));
    }
    row.insertCell().textContent = shard.watermark_millis === null ? UNKNOWN : dayAndTime(shard.watermark_millis);
    const behind = row.insertCell();
    behind.className = "number";
    behind.textContent = count(shard.records_behind);
    return row;
  }));
  const more = shards.length - SHARDS_SHOWN;
  document.getElementById("more-shards").textContent = more > 0 ? `and ${count(more)} more, all further ahead` : "";
}

function showJob(status) {
  const { health } = status;
  pairs("job", [
    ["State", capital(status.job_state.toLowerCase())],
    ["Task managers", count(health.task_managers)],
    ["Restarts", count(health.restarts)],
    ["Completed checkpoints", count(health.checkpoints_completed)],
    ["Failed checkpoints", count(health.checkpoints_failed)],
    ["Last checkpoint duration", health.checkpoint_millis === null ? UNKNOWN : duration(health.checkpoint_millis)],
    ["Documents stored", count(health.documents_stored)],
    ["Documents retried", count(health.documents_retried)],
    ["Throttled reads", count(health.throttled_reads)],
  ]);
  document.getElementById("restarted").hidden = status.counters_are_exact;
}

function showLinks(parts) {
  const links = Object.entries(LINKS).filter(([part]) => parts[part].address).map(([part, name]) => {
    const link = element("a", name);
    link.href = parts[part].address;
    link.target = "_blank";
    link.rel = "noopener";
    return link;
  });
  const nav = document.getElementById("links");
  if (nav.childElementCount !== links.length) {
    nav.replaceChildren(...links);
  }
}

function showEvents(events) {
  const list = document.getElementById("events");
  if (events.length === 0 || list.dataset.newest === String(events[0].number)) {
    return;
  }
  list.dataset.newest = events[0].number;
  list.replaceChildren(...events.map(event => {
    const item = document.createElement("li");
    const time = element("time", wallClock(event.time));
    time.dateTime = event.time;
    item.append(time, element("span", event.kind, `badge ${event.kind}`), element("span", event.text));
    return item;
  }));
}

function pairs(id, entries) {
  document.getElementById(id).replaceChildren(
    ...entries.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function perSecond(value) {
  return `${count(value)} /s`;
}

function millisOf(iso) {
  return iso === null ? null : Date.parse(iso);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
