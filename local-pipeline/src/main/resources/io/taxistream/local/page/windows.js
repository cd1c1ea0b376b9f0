// The results by window, as the pipeline's search engine holds them.

export const AIRPORTS = ["JFK", "LGA"];
export const WINDOW_MILLIS = 600_000;

export class Windows {
  #byTimestamp = new Map();
  #timestamps = [];
  #largest = new Map();
  version = 0;

  /** Takes what has changed; answers whether anything has. */
  apply(answer) {
    this.version = answer.version;
    for (const window of answer.windows) {
      this.#byTimestamp.set(window.timestamp, { pickups: window.pickups, airports: totals(window.durations), durations: window.durations });
    }
    if (answer.windows.length === 0) {
      return false;
    }
    for (const timestamp of this.#byTimestamp.keys()) {
      if (timestamp < answer.first) {
        this.#byTimestamp.delete(timestamp);
      }
    }
    this.#timestamps = [...this.#byTimestamp.keys()].sort((a, b) => a - b);
    return true;
  }

  get timestamps() {
    return this.#timestamps;
  }

  /**
   * The newest window from which trips are known to have started: durations of later ones may be there already, but a
   * map of them would be empty.
   */
  get latest() {
    const hasPickups = timestamp => Object.keys(this.#byTimestamp.get(timestamp).pickups).length > 0;
    return this.#timestamps.findLast(hasPickups) ?? this.#timestamps[this.#timestamps.length - 1];
  }

  /**
   * Trips by geohash cell in the windows up to one.
   *
   * @param timestamp of the last window
   * @param windows how many, 0 for all
   */
  pickups(timestamp, windows) {
    const after = windows === 0 ? -Infinity : timestamp - windows * WINDOW_MILLIS;
    const sums = new Map();
    for (const candidate of this.#timestamps) {
      if (candidate > after && candidate <= timestamp) {
        for (const [cell, trips] of Object.entries(this.#byTimestamp.get(candidate).pickups)) {
          sums.set(cell, (sums.get(cell) ?? 0) + trips);
        }
      }
    }
    return sums;
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

  /** Trips to an airport in a window, and their average minutes; null where there are none. */
  toAirport(timestamp, airport) {
    const total = this.#byTimestamp.get(timestamp)?.airports[airport];
    return total ? { trips: total.trips, average: total.minutes / total.trips } : null;
  }

  /** Trips from a cell to an airport in a window, and their average minutes; null where there are none. */
  fromCell(timestamp, airport, cell) {
    const found = this.#byTimestamp.get(timestamp)?.durations[airport]?.[cell];
    return found ? { trips: found[0], average: found[1] / found[0] } : null;
  }
}

function totals(durations) {
  const airports = {};
  for (const [airport, cells] of Object.entries(durations)) {
    const total = { trips: 0, minutes: 0 };
    for (const [trips, minutes] of Object.values(cells)) {
      total.trips += trips;
      total.minutes += minutes;
    }
    airports[airport] = total;
  }
  return airports;
}
