/* Says on an open page that the deadline is near, and that it has passed. Told by the server's clock, not this machine's. */

const SOON = 10 * 60_000;
// Browsers count no further than this in one go; a page left open for weeks is loaded anew anyway.
const FURTHEST = 2 ** 31 - 1;

function say(region, text, tone) {
  const note = document.createElement("p");
  note.className = `note note-${tone} mb-4`;
  note.textContent = text;
  region.replaceChildren(note);
}

export function closing(root) {
  for (const region of root.querySelectorAll("[data-closes]:not([data-watched])")) {
    region.dataset.watched = "";
    const left = new Date(region.dataset.closes) - new Date(region.dataset.now);
    if (!(left > 0) || left > FURTHEST) continue;
    setTimeout(() => say(region, region.dataset.soon, "now"), Math.max(0, left - SOON));
    setTimeout(() => say(region, region.dataset.passed, "wait"), left);
  }
}
