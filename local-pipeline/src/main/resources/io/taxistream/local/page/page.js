// Main module of the page: polls the pipeline, and keeps track of the window that is shown.

import { AirportChart } from "./chart.js";
import { count, dayOf, duration, wallClock, windowSpan } from "./format.js";
import { showHealth, showStopped } from "./health.js";
import { cellText, PickupMap } from "./map.js";
import { connectButtons } from "./scaling.js";
import { Windows, WINDOW_MILLIS } from "./windows.js";

const POLL_MILLIS = 1_000;

/** The same until the first results are shown. */
const FIRST_POLL_MILLIS = 200;
const DAY_MILLIS = 86_400_000;

/** Older figures are reported: the pipeline was suspended, or the job or the search engine does not answer. */
const STALE_MILLIS = 10_000;

/** Later than any window. */
const OPEN_END = 253_402_300_799_999;

const PLAY_MILLIS = 200;
const PARTS = {
  data: "the trips", kinesis: "Kinesis", s3: "S3", search: "OpenSearch", flink: "Flink", job: "the job", producer: "the replay",
};

const slider = document.getElementById("time");
const play = document.getElementById("play");
const live = document.getElementById("live");
const span = document.getElementById("span");
const range = document.getElementById("range");
const contact = document.getElementById("contact");

const windows = new Windows();
const map = new PickupMap((cell, trips) => cellText(durations, cell, trips));
const chart = new AirportChart(windows, timestamp => leaveLive(() => show(timestamp)));

/** Timestamp of the window shown; null before the first. */
let shown = null;
/** Trips from each cell to the airports in the window that the map shows. */
let durations = {};
/** Query parameters for the part of the replay that the slider and the chart cover; empty for all of it. */
let rangeQuery = "";
let isLive = true;
let playing = null;
let lost = false;
let isMapAsked = false;
let isMapWanted = false;

function show(timestamp) {
  shown = timestamp;
  chart.mark(timestamp);
  slider.value = windows.timestamps.indexOf(timestamp);
  askForMap();
}

/** Requests the map of the window shown: one request at a time, skipping windows that were only passed. */
async function askForMap() {
  isMapWanted = true;
  if (isMapAsked) {
    return;
  }
  isMapAsked = true;
  while (isMapWanted) {
    isMapWanted = false;
    const [timestamp, some] = [shown, Number(span.value)];
    try {
      const answer = await fetch(`/api/map?until=${timestamp}&windows=${some}`);
      // while the search engine is too busy to respond, the page keeps showing its current data
      if (answer.ok) {
        showMap(timestamp, some, await answer.json());
      }
    } catch {
      // the next poll reports that the pipeline has ended
    }
  }
  isMapAsked = false;
}

function showMap(timestamp, some, answer) {
  const cells = new Map(Object.entries(answer.cells));
  durations = answer.durations;
  map.show(cells, windows.largest(cells, some));
  const trips = [...cells.values()].reduce((sum, each) => sum + each, 0);
  const time = `${dayOf(timestamp)}, ${some === 0 ? `until ${windowSpan(timestamp, 1).split("–")[1]}` : windowSpan(timestamp, some)}`;
  const summary = `${count(trips)} trips from ${count(cells.size)} cells`;
  setText("window", time);
  setText("window-summary", summary);
  slider.setAttribute("aria-valuetext", `${time}, ${summary}`);
}

/** Selects another part of the replay: all of it, or some days around the window shown. */
function chooseRange() {
  const millis = Number(range.value) * DAY_MILLIS;
  if (millis === 0 || shown === null) {
    rangeQuery = "";
  } else if (isLive) {
    rangeQuery = `&from=${shown - millis}&to=${OPEN_END}`;
  } else {
    rangeQuery = `&from=${shown - millis / 2}&to=${shown + millis / 2}`;
  }
  askForTimeline();
}

function showLatest() {
  const { timestamps } = windows;
  slider.max = Math.max(0, timestamps.length - 1);
  slider.disabled = timestamps.length < 2;
  play.disabled = slider.disabled;
  if (timestamps.length > 0) {
    show(isLive || shown === null ? windows.latest : windows.nearest(shown));
  }
}

function leaveLive(action) {
  setLive(false);
  stopPlaying();
  action();
}

function setLive(wanted) {
  isLive = wanted;
  live.setAttribute("aria-pressed", String(wanted));
}

function stopPlaying() {
  clearInterval(playing);
  playing = null;
  play.textContent = "Play";
  play.setAttribute("aria-pressed", "false");
}

function startPlaying() {
  setLive(false);
  const { timestamps } = windows;
  if (shown === timestamps[timestamps.length - 1]) {
    show(timestamps[0]);
  }
  play.textContent = "Pause";
  play.setAttribute("aria-pressed", "true");
  playing = setInterval(() => {
    const next = windows.timestamps[windows.timestamps.indexOf(shown) + 1];
    if (next === undefined) {
      stopPlaying();
    } else {
      show(next);
    }
  }, PLAY_MILLIS);
}

function setText(id, text) {
  document.getElementById(id).textContent = text;
}

async function poll() {
  if (!document.hidden) {
    try {
      await ask();
    } catch {
      lost = true;
      tell("The pipeline has ended or is not responding. The page shows its last known state", true);
      document.body.classList.add("lost");
      showStopped();
    }
  }
  setTimeout(poll, windows.latest === undefined ? FIRST_POLL_MILLIS : POLL_MILLIS);
}

async function ask() {
  const status = await (await fetch("/api/status")).json();
  if (lost) {
    // another run, with another token, and perhaps of another day
    location.reload();
    return;
  }
  showHealth(status, windows.latest === undefined ? null : windows.latest + 1);
  const [text, isWarning] = headline(status);
  tell(text, isWarning);
  await askForTimeline();
}

async function askForTimeline() {
  const answer = await fetch(`/api/timeline?since=${windows.version}${rangeQuery}`);
  if (answer.ok && windows.apply(await answer.json())) {
    chart.update();
    showLatest();
    setText("step", windows.stepMillis === WINDOW_MILLIS ? "" : `in steps of ${duration(windows.stepMillis)}`);
  }
}

/** Returns the overall state in a few words, and whether it is a warning. */
function headline(status) {
  const [waiting, starting, failed] = ["waiting", "starting", "failed"].map(state =>
    Object.keys(PARTS).filter(part => status.parts[part].state === state).map(part => PARTS[part]));
  if (failed.length > 0) {
    return [`Failed: ${failed.join(", ")}`, true];
  }
  if (waiting.length + starting.length > 0) {
    return [`Starting: ${(starting.length > 0 ? starting : waiting).join(", ")}`, false];
  }
  if (status.snapshot_time !== null && Date.parse(status.time) - Date.parse(status.snapshot_time) > STALE_MILLIS) {
    return [`The figures have not been updated since ${wallClock(status.snapshot_time)}`, true];
  }
  if (status.replay_phase !== null) {
    return [`Preparing the replay: ${status.replay_phase}`, false];
  }
  const speed = status.speedup === 0 ? "as fast as possible" : `at ${count(status.speedup)}× real time`;
  return [status.parts.producer.state === "finished" ? "The replay has ended" : `Replaying ${speed}`, false];
}

/** Updates the text only on change, because screen readers repeat every update. */
function tell(text, isWarning) {
  if (contact.textContent !== text) {
    contact.textContent = text;
    contact.classList.toggle("warning", isWarning);
  }
}

slider.addEventListener("input", () => leaveLive(() => show(windows.timestamps[Number(slider.value)])));
play.addEventListener("click", () => (playing === null ? startPlaying() : stopPlaying()));
live.addEventListener("click", () => {
  stopPlaying();
  setLive(true);
  showLatest();
});
span.addEventListener("change", () => shown !== null && show(shown));
range.addEventListener("change", chooseRange);
connectButtons();
map.drawOutlines();
poll();
