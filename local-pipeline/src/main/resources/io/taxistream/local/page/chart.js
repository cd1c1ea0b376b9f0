// The line chart: average minutes to the airports over event time.

import uPlot from "./uplot.js";
import { onThemeChange, themed } from "./colors.js";
import { count, dayAndTime, hourAndMinute, minutes, shortDayOf } from "./format.js";
import { AIRPORTS } from "./windows.js";

const NAMES = { JFK: "JFK", LGA: "LaGuardia" };
const DASHES = { JFK: [], LGA: [7, 4] };
const HOUR = 3_600;
const DAY = 24 * HOUR;
const TICKS = [600, 1_800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
const TABLE_ROWS = 12;

export class AirportChart {
  #element = document.getElementById("chart");
  #windows;
  #select;
  #selected = null;
  #plot;

  /** @param select called with a timestamp when the user clicks on a window */
  constructor(windows, select) {
    this.#windows = windows;
    this.#select = select;
    this.#draw();
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(this.#element);
    onThemeChange(() => this.#draw());
  }

  /** Redraws the chart from the windows. */
  update() {
    this.#plot.setData(this.#data());
  }

  /** Marks a window, and shows its values. */
  mark(timestamp) {
    this.#selected = timestamp;
    this.#plot.redraw(false, true);
    this.#showLegend();
    this.#showTable();
  }

  #size() {
    return { width: Math.max(this.#element.clientWidth, 200), height: Math.max(this.#element.clientHeight, 200) };
  }

  #data() {
    const timestamps = this.#windows.timestamps;
    return [
      timestamps.map(timestamp => timestamp / 1_000),
      ...AIRPORTS.map(airport => timestamps.map(timestamp => this.#windows.toAirport(timestamp, airport)?.average ?? null)),
    ];
  }

  #draw() {
    this.#plot?.destroy();
    const axis = {
      stroke: themed("--text-quiet"),
      grid: { stroke: themed("--line"), width: 1 },
      ticks: { stroke: themed("--line"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    this.#plot = new uPlot({
      ...this.#size(),
      tzDate: seconds => uPlot.tzDate(new Date(seconds * 1_000), "America/New_York"),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { y: { range: (plot, low, high) => [0, high === null ? 60 : Math.max(10, high * 1.1)] } },
      axes: [
        {
          ...axis,
          incrs: TICKS,
          space: 64,
          values: (plot, ticks, index, space, step) => ticks.map(tick => tickLabel(tick * 1_000, step)),
        },
        { ...axis, size: 44, values: (plot, ticks) => ticks.map(tick => count(tick)) },
      ],
      series: [
        {},
        ...AIRPORTS.map(airport => ({
          label: airport,
          stroke: themed(`--${airport.toLowerCase()}`),
          width: 2,
          dash: DASHES[airport],
          spanGaps: false,
          points: { size: 4 },
        })),
      ],
      hooks: { draw: [plot => this.#drawMark(plot)] },
    }, this.#data(), this.#element);
    this.#plot.over.addEventListener("click", () => {
      const index = this.#plot.cursor.idx;
      if (index !== null && index !== undefined) {
        this.#select(this.#windows.timestamps[index]);
      }
    });
  }

  #drawMark(plot) {
    if (this.#selected === null) {
      return;
    }
    const { ctx, bbox } = plot;
    const x = Math.round(plot.valToPos(this.#selected / 1_000, "x", true));
    ctx.save();
    ctx.strokeStyle = themed("--text");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  #showLegend() {
    document.getElementById("series").replaceChildren(...AIRPORTS.map(airport => {
      const found = this.#windows.toAirport(this.#selected, airport);
      const item = document.createElement("li");
      item.dataset.airport = airport;
      const line = document.createElement("span");
      line.className = `line ${airport.toLowerCase()}`;
      const value = document.createElement("strong");
      value.textContent = found ? `${minutes(found.average)} min` : "no trips";
      item.append(line, `${NAMES[airport]} `, value);
      if (found) {
        const trips = document.createElement("span");
        trips.className = "quiet";
        trips.textContent = ` ${count(found.trips)} trips`;
        item.append(trips);
      }
      return item;
    }));
  }

  #showTable() {
    const last = this.#windows.timestamps.filter(timestamp => timestamp <= this.#selected).slice(-TABLE_ROWS).reverse();
    document.querySelector("#averages tbody").replaceChildren(...last.map(timestamp => {
      const row = document.createElement("tr");
      const start = this.#windows.startOf(timestamp);
      row.insertCell().textContent = `${dayAndTime(start).split(",")[0]}, ${hourAndMinute(start)}–${hourAndMinute(timestamp + 1)}`;
      for (const airport of AIRPORTS) {
        const found = this.#windows.toAirport(timestamp, airport);
        for (const text of [minutes(found?.average ?? null), count(found?.trips)]) {
          const cell = row.insertCell();
          cell.className = "number";
          cell.textContent = text;
        }
      }
      return row;
    }));
  }
}

function tickLabel(millis, step) {
  const time = hourAndMinute(millis);
  return step >= DAY || time === "00:00" ? shortDayOf(millis) : time;
}
