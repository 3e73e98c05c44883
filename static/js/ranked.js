/* Ranked lists: the Move buttons act at once, the list can be dragged, the new place is said aloud. */

import Sortable from "sortablejs";

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function items(list) {
  return [...list.querySelectorAll(":scope > [data-ranked-item]")];
}

function renumber(list) {
  const all = items(list);
  all.forEach((item, index) => {
    for (const input of item.querySelectorAll("input[data-rank]")) input.value = index + 1;
    for (const place of item.querySelectorAll("[data-rank-text]")) place.textContent = `Rank ${index + 1} of ${all.length}`;
    const up = item.querySelector("button[name=move_up]");
    const down = item.querySelector("button[name=move_down]");
    if (up) up.disabled = index === 0;
    if (down) down.disabled = index === all.length - 1;
  });
}

function liveRegion(list) {
  const region = document.createElement("p");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  list.after(region);
  return region;
}

function enhance(list) {
  const region = liveRegion(list);

  const moved = (item) => {
    renumber(list);
    for (const other of items(list)) other.classList.toggle("is-moved", other === item);
    const all = items(list);
    region.textContent = `${item.dataset.name} is now ${all.indexOf(item) + 1} of ${all.length}.`;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=move_up], button[name=move_down]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("[data-ranked-item]");
    const up = button.name === "move_up";
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (up) other.before(item);
    else other.after(item);
    moved(item);
    // At the end of the list the button is gone from the keyboard: its sibling takes the focus.
    const target = button.disabled ? item.querySelector(`button[name=${up ? "move_down" : "move_up"}]`) : button;
    target?.focus();
  });

  const place = (item, wanted) => {
    const others = items(list).filter((other) => other !== item);
    const before = others[Math.min(Math.max(wanted, 1), others.length + 1) - 1];
    if (before) before.before(item);
    else others.at(-1)?.after(item);
    moved(item);
  };

  list.addEventListener("change", (event) => {
    if (!event.target.matches("input[data-rank]")) return;
    event.stopPropagation();
    const wanted = Number.parseInt(event.target.value, 10);
    if (wanted > 0) place(event.target.closest("[data-ranked-item]"), wanted);
    else renumber(list);
    event.target.focus();
  });

  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const item = event.target.closest("[data-ranked-item]");
    if (!step || !event.altKey || !item) return;
    event.preventDefault();
    const here = items(list).indexOf(item);
    if (!items(list)[here + step]) return;
    const focused = document.activeElement;
    place(item, here + 1 + step);
    focused.focus();
  });

  Sortable.create(list, {
    handle: ".ranked-handle",
    draggable: "[data-ranked-item]",
    ghostClass: "is-ghost",
    animation: calm.matches ? 0 : 150,
    onEnd: ({ item, oldIndex, newIndex }) => oldIndex !== newIndex && moved(item),
  });
  renumber(list);
}

export function rankedLists(root) {
  for (const list of root.querySelectorAll("[data-ranked-list]:not([data-ranked])")) {
    list.dataset.ranked = "";
    enhance(list);
  }
}
