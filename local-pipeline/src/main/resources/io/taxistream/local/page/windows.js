// The timeline of the results, in steps of one window or of several, as the pipeline's search engine holds them.

export const AIRPORTS = ["JFK", "LGA"];
export const WINDOW_MILLIS = 600_000;

export class Windows {
  #steps = new Map();
  #byTimestamp = new Map();
  #timestamps = [];
  #largest = new Map();
  version = 0;
  stepMillis = WINDOW_MILLIS;

  /** Takes what has changed; answers whether anything has. */
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

  /** Of each step the timestamp of its latest window, ascending. */
  get timestamps() {
    return this.#timestamps;
  }

  /**
   * The newest step in which trips are known to have started: durations of later ones may be there already, but a map of
   * them would be empty.
   */
  get latest() {
    const hasPickups = timestamp => this.#byTimestamp.get(timestamp).pickups > 0;
    return this.#timestamps.findLast(hasPickups) ?? this.#timestamps[this.#timestamps.length - 1];
  }

  /** The step that holds a time or is next to it. */
  nearest(millis) {
    return this.#timestamps.find(timestamp => timestamp >= millis) ?? this.latest;
  }

  /** When the step with this timestamp starts. */
  startOf(timestamp) {
    return this.#byTimestamp.get(timestamp).start;
  }

  /** The most trips that any cell has had so far in so many windows; it only grows, so that colours keep their meaning. */
  largest(cells, windows) {
    let largest = this.#largest.get(windows) ?? 0;
    for (const trips of cells.values()) {
      largest = Math.max(largest, trips);
    }
    this.#largest.set(windows, largest);
    return largest;
  }

  /** Trips to an airport in a step, and their average minutes; null where there are none. */
  toAirport(timestamp, airport) {
    const found = this.#byTimestamp.get(timestamp)?.airports[airport];
    return found ? { trips: found[0], average: found[1] / found[0] } : null;
  }
}
