/* Under an answer: how much room is left, under a short one only when little is. Then it is also read aloud. */

function words(text) {
  return text.trim() ? text.trim().split(/\s+/).length : 0;
}

function counter(area) {
  const limit = Number(area.dataset.maxWords || area.dataset.count || area.maxLength);
  if (!(limit > 0)) return;
  const unit = area.dataset.maxWords ? "word" : "character";
  const note = document.createElement("p");
  note.className = "field-count";
  area.after(note);

  const show = () => {
    const left = limit - (area.dataset.maxWords ? words(area.value) : [...area.value].length);
    const count = Math.abs(left);
    note.textContent = `${count.toLocaleString("en-US")} ${unit}${count === 1 ? "" : "s"} ${left < 0 ? "too many" : "left"}`;
    note.classList.toggle("is-over", left < 0);
    note.hidden = area.tagName === "INPUT" && left >= limit / 10;
    if (left < limit / 10) note.setAttribute("role", "status");
    else note.removeAttribute("role");
  };
  area.addEventListener("input", show);
  area.addEventListener("restored", show);
  show();
}

export function counters(root) {
  for (const area of root.querySelectorAll(":is([data-count], [data-max-words]):not([data-counted])")) {
    area.dataset.counted = "";
    counter(area);
  }
}
