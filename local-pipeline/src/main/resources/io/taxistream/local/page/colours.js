// Colours that people with any kind of colour vision can tell: viridis for amounts, blue and orange for the two lines.

// Seven of viridis' colours, from few to many; those that cannot be told from the ground are left out.
const ON_LIGHT = ["#b5de2b", "#6ece58", "#35b779", "#1f9e89", "#31688e", "#3e4989", "#440154"];
const ON_DARK = ["#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
const STEPS = [1, 2, 5];
const MAX_CLASSES = ON_LIGHT.length;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Calls back when the reader changes between light and dark. */
export function onThemeChange(action) {
  dark.addEventListener("change", action);
}

/** The value of a custom property of the style sheet. */
export function themed(property) {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

/**
 * The classes of amounts up to the largest: lower bounds in steps of 1, 2, 5, each with a colour. More stands out more from
 * the ground, be it light or dark.
 */
export function classes(largest) {
  const bounds = [];
  for (let power = 1; power <= Math.max(largest, 2); power *= 10) {
    for (const step of STEPS) {
      const bound = power * step;
      if (bound >= 2 && bound <= Math.max(largest, 2)) {
        bounds.push(bound);
      }
    }
  }
  const shown = bounds.slice(-MAX_CLASSES);
  shown[0] = 2;
  const colours = dark.matches ? ON_DARK : ON_LIGHT;
  const last = colours.length - 1;
  return shown.map((from, i) => ({
    from,
    colour: colours[shown.length === 1 ? last : Math.round((i * last) / (shown.length - 1))],
  }));
}

/** The class that an amount belongs to. */
export function classOf(amount, someClasses) {
  let found = someClasses[0];
  for (const candidate of someClasses) {
    if (amount >= candidate.from) {
      found = candidate;
    }
  }
  return found;
}
