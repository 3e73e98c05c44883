/* Beside a moment given in the program's time zone: the same moment where the reader is, and how long is left. */

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;

const clock = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", timeZoneName: "short" });

function day(moment, zone) {
  return new Intl.DateTimeFormat("en-US", { weekday: "long", month: "long", day: "numeric", timeZone: zone }).format(moment);
}

function wallClock(moment, zone) {
  return new Intl.DateTimeFormat("en-US", { dateStyle: "short", timeStyle: "short", timeZone: zone }).format(moment);
}

function hereText(moment, zone) {
  if (wallClock(moment, zone) === wallClock(moment)) return "";
  const sameDay = day(moment, zone) === day(moment);
  return sameDay ? `${clock.format(moment)} your time` : `${clock.format(moment)} on ${day(moment)}, your time`;
}

/* "62 days left", "30 hours left", "12 minutes left", or "" when it has passed. Rounded down, as the server does. */
function leftText(moment, now = new Date()) {
  const left = moment - now;
  if (left <= 0) return "";
  if (left >= 2 * DAY) return `${Math.floor(left / DAY)} days left`;
  if (left >= 2 * HOUR) return `${Math.floor(left / HOUR)} hours left`;
  return left >= 2 * MINUTE ? `${Math.floor(left / MINUTE)} minutes left` : "less than two minutes left";
}

function showLeft(span, moment) {
  span.textContent = leftText(moment);
  span.hidden = !span.textContent;
  span.classList.toggle("is-soon", moment - new Date() < 3 * DAY);
}

export function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local-time]:not([data-shown])")) {
    time.dataset.shown = "";
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    const here = hereText(moment, time.dataset.zone || "America/New_York");
    let last = time;
    if (here) {
      const span = document.createElement("span");
      span.className = "local-time";
      span.textContent = ` (${here})`;
      last.after(span);
      last = span;
    }
    if ("left" in time.dataset) {
      const span = document.createElement("span");
      span.className = "time-left";
      showLeft(span, moment);
      last.after(" ", span);
      setInterval(() => showLeft(span, moment), MINUTE);
    }
  }
}
