// Formats numbers and times. Times are in the time zone of the trips, New York.

const ZONE = "America/New_York";
const WINDOW_MILLIS = 600_000;

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, weekday: "short", day: "numeric", month: "short", year: "numeric",
});
const shortDay = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "numeric", month: "short" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const UNKNOWN = "–";

export function count(value) {
  return value === null || value === undefined ? UNKNOWN : whole.format(value);
}

export function minutes(value) {
  return value === null ? UNKNOWN : oneDecimal.format(value);
}

export function hourAndMinute(millis) {
  return time.format(millis);
}

export function dayAndTime(millis) {
  return `${shortDay.format(millis)}, ${time.format(millis)}`;
}

export function dayOf(millis) {
  return day.format(millis);
}

export function shortDayOf(millis) {
  return shortDay.format(millis);
}

/** Formats the span from the start of the first of several windows to the end of the last, whose timestamp is its end - 1. */
export function windowSpan(timestamp, windows) {
  const end = timestamp + 1;
  return `${time.format(end - windows * WINDOW_MILLIS)}–${time.format(end)}`;
}

/** Formats a wall-clock time in the browser's time zone. */
export function wallClock(iso) {
  return clock.format(new Date(iso));
}

/** Formats a duration in a suitable unit. */
export function duration(millis) {
  if (millis < 1_000) {
    return `${whole.format(millis)} ms`;
  }
  const seconds = millis / 1_000;
  if (seconds < 10) {
    return `${oneDecimal.format(seconds)} s`;
  }
  if (seconds < 120) {
    return `${whole.format(seconds)} s`;
  }
  return seconds < 7_200 ? `${whole.format(seconds / 60)} min` : `${oneDecimal.format(seconds / 3_600)} h`;
}
