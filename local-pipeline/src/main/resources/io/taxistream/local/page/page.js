// Ties the page together: asks the pipeline every second, and keeps the window that is shown.

import { AirportChart } from "./chart.js";
import { count, dayOf, windowSpan } from "./format.js";
import { showHealth, showStopped } from "./health.js";
import { cellText, PickupMap } from "./map.js";
import { connectButtons } from "./scaling.js";
import { Windows } from "./windows.js";

const POLL_MILLIS = 1_000;
const PLAY_MILLIS = 200;
const PARTS = {
  data: "the trips", kinesis: "Kinesis", s3: "S3", search: "OpenSearch", flink: "Flink", job: "the job", producer: "the replay",
};

const slider = document.getElementById("time");
const play = document.getElementById("play");
const live = document.getElementById("live");
const span = document.getElementById("span");
const contact = document.getElementById("contact");

const windows = new Windows();
const map = new PickupMap((cell, trips) => cellText(windows, shown, cell, trips));
const chart = new AirportChart(windows, timestamp => leaveLive(() => show(timestamp)));

/** Timestamp of the window shown; null before the first. */
let shown = null;
let isLive = true;
let playing = null;
let lost = false;

function show(timestamp) {
  shown = timestamp;
  const index = windows.timestamps.indexOf(timestamp);
  const some = Number(span.value);
  const cells = windows.pickups(timestamp, some);
  map.show(cells, windows.largest(cells, some));
  chart.mark(timestamp);
  slider.value = index;
  const trips = [...cells.values()].reduce((sum, each) => sum + each, 0);
  const time = `${dayOf(timestamp)}, ${some === 0 ? `until ${windowSpan(timestamp, 1).split("–")[1]}` : windowSpan(timestamp, some)}`;
  const summary = `${count(trips)} trips from ${count(cells.size)} cells`;
  setText("window", time);
  setText("window-summary", summary);
  slider.setAttribute("aria-valuetext", `${time}, ${summary}`);
}

function showLatest() {
  const { timestamps } = windows;
  slider.max = Math.max(0, timestamps.length - 1);
  slider.disabled = timestamps.length < 2;
  play.disabled = slider.disabled;
  if (timestamps.length > 0) {
    const isKept = shown !== null && shown >= timestamps[0];
    show(isLive || !isKept ? windows.latest : shown);
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
      tell("The pipeline has ended or does not answer; below is what it last told", true);
      document.body.classList.add("lost");
      showStopped();
    }
  }
  setTimeout(poll, POLL_MILLIS);
}

async function ask() {
  const status = await (await fetch("/api/status")).json();
  if (lost) {
    // another run, with another token, and perhaps another day
    location.reload();
    return;
  }
  showHealth(status);
  const [text, isWarning] = headline(status);
  tell(text, isWarning);
  const answer = await fetch(`/api/windows?since=${windows.version}`);
  // while the search engine is too busy to answer, the page shows what it has
  if (answer.ok && windows.apply(await answer.json())) {
    chart.update();
    showLatest();
  }
}

/** The state of the whole in a few words, and whether they are a warning. */
function headline(status) {
  const [waiting, starting, failed] = ["waiting", "starting", "failed"].map(state =>
    Object.keys(PARTS).filter(part => status.parts[part].state === state).map(part => PARTS[part]));
  if (failed.length > 0) {
    return [`Failed: ${failed.join(", ")}`, true];
  }
  if (waiting.length + starting.length > 0) {
    return [`Starting: ${(starting.length > 0 ? starting : waiting).join(", ")}`, false];
  }
  const speed = status.speedup === 0 ? "as fast as possible" : `${count(status.speedup)} times as fast as the clock`;
  return [status.parts.producer.state === "finished" ? "The replay has ended" : `Replaying ${speed}`, false];
}

/** Says it once: what is said again and again is read out again and again. */
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
connectButtons();
map.drawOutlines();
poll();
