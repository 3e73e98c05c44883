/* Beside a moment given in the program's time zone: the same moment where the reader is, and how long is left.
   The server wrote what it knows; what this browser knows takes its place. */

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

/* "62 days left", "30 hours left", "12 minutes left", or "" when it has passed. Rounded down, and the whole last
   minute counts, as on the server. */
function leftText(moment, now = new Date()) {
  const left = moment - now + MINUTE;
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

function showHere(beside, here) {
  const offset = beside.querySelector(".offset");
  beside.querySelector(".local-time").textContent = here && offset ? `; ${here}` : here;
  beside.hidden = !here && !offset;
}

export function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local-time]:not([data-shown])")) {
    time.dataset.shown = "";
    const moment = new Date(time.dateTime);
    const beside = time.parentElement.querySelector(".beside-time");
    if (Number.isNaN(moment.valueOf()) || !beside) continue;
    showHere(beside, hereText(moment, time.dataset.zone));
    const left = time.parentElement.querySelector(".time-left");
    if (left) {
      showLeft(left, moment);
      setInterval(() => showLeft(left, moment), MINUTE);
    }
  }
}
