/* Beside a text, what it tells so far: each item has a pattern, and is ticked while the text matches it. */

function follow(area) {
  const items = [...document.querySelectorAll(`#${area.dataset.checked} [data-pattern]`)];
  const show = () => {
    for (const item of items) {
      const told = new RegExp(item.dataset.pattern, "i").test(area.value);
      item.classList.toggle("is-told", told);
      item.querySelector("[data-told]").textContent = told ? "Told: " : "Not yet: ";
    }
  };
  area.addEventListener("input", show);
  show();
}

export function checklists(root) {
  for (const area of root.querySelectorAll("textarea[data-checked]:not([data-followed])")) {
    area.dataset.followed = "";
    follow(area);
  }
}
