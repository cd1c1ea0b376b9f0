// The timeline of the results, in steps of one or more windows, as held by the pipeline's search engine.

export const AIRPORTS = ["JFK", "LGA"];
export const WINDOW_MILLIS = 600_000;

export class Windows {
  #steps = new Map();
  #byTimestamp = new Map();
  #timestamps = [];
  #largest = new Map();
  version = 0;
  stepMillis = WINDOW_MILLIS;

  /** Applies changes; returns whether there were any. */
  apply(answer) {
    this.version = answer.version;
    if (answer.steps.length === 0 && !(answer.reset && this.#steps.size > 0)) {
      return false;
    }
    if (answer.reset) {
      this.#steps.clear();
    }
    this.stepMillis = answer.step;
    for (const step of answer.steps) {
      this.#steps.set(step.start, step);
    }
    this.#byTimestamp = new Map([...this.#steps.values()].map(step => [step.timestamp, step]));
    this.#timestamps = [...this.#byTimestamp.keys()].sort((a, b) => a - b);
    return true;
  }

  /** Timestamps of the latest window of each step, ascending. */
  get timestamps() {
    return this.#timestamps;
  }

  /** The newest step with pick-ups. Durations may already exist for later ones, but their map would be empty. */
  get latest() {
    const hasPickups = timestamp => this.#byTimestamp.get(timestamp).pickups > 0;
    return this.#timestamps.findLast(hasPickups) ?? this.#timestamps[this.#timestamps.length - 1];
  }

  /** Returns the step that contains a time or is closest to it. */
  nearest(millis) {
    return this.#timestamps.find(timestamp => timestamp >= millis) ?? this.latest;
  }

  /** Returns the start of the step with this timestamp. */
  startOf(timestamp) {
    return this.#byTimestamp.get(timestamp).start;
  }

  /**
   * Returns the largest number of trips of any cell so far for this number of windows. It only grows, so that colors keep
   * their meaning.
   */
  largest(cells, windows) {
    let largest = this.#largest.get(windows) ?? 0;
    for (const trips of cells.values()) {
      largest = Math.max(largest, trips);
    }
    this.#largest.set(windows, largest);
    return largest;
  }

  /** Returns the trips to an airport in a step, and their average minutes; null if there are none. */
  toAirport(timestamp, airport) {
    const found = this.#byTimestamp.get(timestamp)?.airports[airport];
    return found ? { trips: found[0], average: found[1] / found[0] } : null;
  }
}
