// The map: outlines of the boroughs, geohash cells colored by trips, optional street tiles.

import { divIcon, latLngBounds, map as createMap, marker, polygon, rectangle, svg, tileLayer } from "./leaflet.js";
import { classes, classOf, onThemeChange } from "./colors.js";
import { count, minutes } from "./format.js";
import { AIRPORTS } from "./windows.js";

const BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz";
const VIEW = [[40.618, -74.03], [40.835, -73.755]];
const LIMITS = [[40.3, -74.8], [41.3, -73.2]];
const LABELS = [
  ["Manhattan", 40.803, -74.006], ["Brooklyn", 40.652, -73.95], ["Queens", 40.728, -73.815],
  ["The Bronx", 40.857, -73.87], ["Staten Island", 40.58, -74.15], ["New Jersey", 40.765, -74.075],
];
// the areas that the analysis uses for the airports
const BOXES = {
  JFK: [[40.62, -73.822], [40.665, -73.745]],
  LGA: [[40.7665, -73.89], [40.788, -73.855]],
};
const BUSIEST = 10;
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Returns the south-west and north-east corners of a geohash cell, degrees. */
export function boundsOf(cell) {
  let [south, north, west, east] = [-90, 90, -180, 180];
  let isLongitude = true;
  for (const letter of cell) {
    const bits = BASE32.indexOf(letter);
    for (let mask = 16; mask > 0; mask >>= 1) {
      const upper = (bits & mask) !== 0;
      if (isLongitude) {
        const middle = (west + east) / 2;
        [west, east] = upper ? [middle, east] : [west, middle];
      } else {
        const middle = (south + north) / 2;
        [south, north] = upper ? [middle, north] : [south, middle];
      }
      isLongitude = !isLongitude;
    }
  }
  return [[south, west], [north, east]];
}

export class PickupMap {
  #map;
  #outlines = [];
  #boroughs = {};
  #labels = [];
  #rectangles = new Map();
  #cells = new Map();
  #largest = 0;
  #describe;
  #tiles;
  #isMoved = false;

  /** @param describe returns the text for a cell, given its name and trips, when the user points at it */
  constructor(describe) {
    this.#describe = describe;
    this.#map = createMap("map", {
      renderer: svg({ padding: 0.3 }), maxBounds: LIMITS, minZoom: 9, maxZoom: 16, zoomSnap: 0.25, zoomDelta: 0.5,
      zoomAnimation: !isCalm, fadeAnimation: !isCalm, inertia: !isCalm,
    });
    this.#map.attributionControl.setPrefix(false);
    this.#map.fitBounds(VIEW);
    this.#map.createPane("ground").style.zIndex = 250;
    for (const [code, box] of Object.entries(BOXES)) {
      rectangle(box, { className: "airport", interactive: false }).addTo(this.#map);
      this.#label(code, [box[1][0], (box[0][1] + box[1][1]) / 2], "airport-label");
    }
    for (const [name, latitude, longitude] of LABELS) {
      this.#label(name, [latitude, longitude], "place");
    }
    this.#map.on("moveend", () => this.#hideCutLabels());
    this.#hideCutLabels();
    const frame = document.getElementById("map");
    for (const gesture of ["pointerdown", "wheel", "keydown"]) {
      frame.addEventListener(gesture, () => (this.#isMoved = true), { passive: true });
    }
    new ResizeObserver(() => this.#resize()).observe(frame);
    document.getElementById("tiles").addEventListener("change", event => this.#showTiles(event.target.checked));
    onThemeChange(() => this.show(this.#cells, this.#largest));
  }

  /** Shows the whole city again, unless the user has selected another part. */
  #resize() {
    this.#map.invalidateSize({ animate: false });
    if (!this.#isMoved) {
      this.#map.fitBounds(VIEW, { animate: false });
    }
  }

  async drawOutlines() {
    this.#boroughs = await (await fetch("/outlines.json")).json();
    for (const rings of Object.values(this.#boroughs)) {
      for (const ring of rings) {
        this.#outlines.push(polygon(ring, { className: "land", interactive: false, pane: "ground" }).addTo(this.#map));
      }
    }
  }

  /** Colors cells by their trips and removes all others. */
  show(cells, largest) {
    this.#cells = cells;
    this.#largest = largest;
    const scale = classes(largest);
    for (const [cell, drawn] of this.#rectangles) {
      if (!cells.has(cell)) {
        drawn.remove();
        this.#rectangles.delete(cell);
      }
    }
    for (const [cell, trips] of cells) {
      const color = classOf(trips, scale).color;
      const drawn = this.#rectangles.get(cell);
      if (!drawn) {
        this.#rectangles.set(cell, this.#draw(cell, color));
      } else if (drawn.options.fillColor !== color) {
        drawn.setStyle({ fillColor: color });
      }
    }
    this.#showLegend(scale);
    this.#showBusiest();
  }

  #draw(cell, color) {
    const drawn = rectangle(boundsOf(cell), { className: "cell", stroke: false, fillColor: color, fillOpacity: 0.85 });
    drawn.bindTooltip(() => this.#describe(cell, this.#cells.get(cell)), { sticky: true });
    drawn.addTo(this.#map);
    // Hundreds of cells would get in the way of keyboard navigation; the table serves this purpose.
    drawn.getElement().setAttribute("tabindex", "-1");
    return drawn;
  }

  #showLegend(scale) {
    document.getElementById("legend").hidden = this.#cells.size === 0;
    document.querySelector("#legend ol").replaceChildren(...scale.map(({ from, color }, i) => {
      const item = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = color;
      item.append(swatch, i === scale.length - 1 ? `${count(from)} or more` : `${count(from)}–${count(scale[i + 1].from - 1)}`);
      return item;
    }).reverse());
  }

  #showBusiest() {
    const busiest = [...this.#cells].sort((a, b) => b[1] - a[1]).slice(0, BUSIEST);
    document.querySelector("#cells tbody").replaceChildren(...busiest.map(([cell, trips]) => {
      const row = document.createElement("tr");
      row.dataset.cell = cell;
      for (const text of [cell, this.#boroughOf(cell), count(trips)]) {
        row.insertCell().textContent = text;
      }
      row.lastChild.className = "number";
      return row;
    }));
  }

  #boroughOf(cell) {
    const [latitude, longitude] = Object.values(latLngBounds(boundsOf(cell)).getCenter());
    for (const [name, rings] of Object.entries(this.#boroughs)) {
      if (rings.some(ring => isInside(latitude, longitude, ring))) {
        return name === "EWR" ? "Newark Airport" : name;
      }
    }
    return "outside the boroughs";
  }

  #label(name, position, className) {
    // Leaflet positions the icon element itself, so a separate element centers the text on it.
    const text = document.createElement("span");
    text.textContent = name;
    this.#labels.push(text);
    marker(position, { icon: divIcon({ className, html: text, iconSize: [0, 0] }), interactive: false, keyboard: false })
      .addTo(this.#map);
  }

  /** Hides labels that are cut off at the edge of the map. */
  #hideCutLabels() {
    const frame = this.#map.getContainer().getBoundingClientRect();
    for (const label of this.#labels) {
      const box = label.getBoundingClientRect();
      const isCut = box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
      label.style.visibility = isCut ? "hidden" : "";
    }
  }

  #showTiles(wanted) {
    if (wanted && !this.#tiles) {
      this.#tiles = tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", {
        maxZoom: 19,
        attribution: '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors',
      });
    }
    if (wanted) {
      this.#tiles.addTo(this.#map);
    } else {
      this.#tiles.remove();
    }
    this.#outlines.forEach(outline => (wanted ? outline.remove() : outline.addTo(this.#map)));
    document.getElementById("map").classList.toggle("with-tiles", wanted);
  }
}

/** Whether a ray from the point crosses the ring's edges an odd number of times. */
function isInside(latitude, longitude, ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]];
    if ((a[0] > latitude) !== (b[0] > latitude)
        && longitude < ((b[1] - a[1]) * (latitude - a[0])) / (b[0] - a[0]) + a[1]) {
      inside = !inside;
    }
  }
  return inside;
}

/** Returns the text for a cell: its trips, and their duration to the airports. */
export function cellText(durations, cell, trips) {
  const lines = [`${count(trips)} trips from ${cell}`];
  for (const airport of AIRPORTS) {
    const found = durations[airport]?.[cell];
    if (found) {
      lines.push(`${minutes(found[1] / found[0])} min to ${airport} (${count(found[0])} trips in the last window shown)`);
    }
  }
  return lines.join("<br>");
}
