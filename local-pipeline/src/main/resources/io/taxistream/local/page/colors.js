// Colors that are distinguishable with any kind of color vision: viridis for amounts, blue and orange for the two
// lines.

// Seven colors of viridis, from few to many, without those too close to the background.
const ON_LIGHT = ["#b5de2b", "#6ece58", "#35b779", "#1f9e89", "#31688e", "#3e4989", "#440154"];
const ON_DARK = ["#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
const STEPS = [1, 2, 5];
const MAX_CLASSES = ON_LIGHT.length;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Calls the action when the user switches between light and dark. */
export function onThemeChange(action) {
  dark.addEventListener("change", action);
}

/** Returns the value of a custom property of the style sheet. */
export function themed(property) {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

/**
 * Returns classes for amounts up to the largest: lower bounds in steps of 1, 2, 5, each with a color. Larger amounts contrast
 * more with the background, light or dark.
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
  const colors = dark.matches ? ON_DARK : ON_LIGHT;
  const last = colors.length - 1;
  return shown.map((from, i) => ({
    from,
    color: colors[shown.length === 1 ? last : Math.round((i * last) / (shown.length - 1))],
  }));
}

/** Returns the class of an amount. */
export function classOf(amount, someClasses) {
  let found = someClasses[0];
  for (const candidate of someClasses) {
    if (amount >= candidate.from) {
      found = candidate;
    }
  }
  return found;
}
