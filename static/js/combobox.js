/* Suggests institutions while one types, as the ARIA combobox pattern has it. Without it the form itself asks which is meant. */

const PAUSE = 200;
const LEAST = 2;

function element(name, attributes, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function combobox(box) {
  const input = box.querySelector("input[type=text]");
  const fresh = box.querySelector("[data-combobox-new]");
  const list = element("ul", { id: `${input.id}_list`, role: "listbox", class: "combobox-list", "aria-label": "Institutions", hidden: "" });
  const status = element("p", { role: "status", class: "visually-hidden" });
  let options = [];
  let current = -1;
  let timer = 0;
  let asked = 0;

  input.after(list, status);
  for (const [key, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id })) {
    input.setAttribute(key, value);
  }

  // What is chosen, by number. The radio buttons of a form that came back give way once one types again.
  const choose = (value) => {
    box.querySelector("[data-combobox-found]")?.remove();
    const hidden =
      box.querySelector("input[type=hidden]") ??
      box.appendChild(element("input", { type: "hidden", name: `${input.name}_choice` }));
    hidden.value = value;
    fresh.hidden = value !== "new";
  };

  const close = () => {
    list.hidden = true;
    current = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const point = (index) => {
    options.forEach((each, at) => each.setAttribute("aria-selected", String(at === index)));
    current = index;
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[index].id);
    options[index].scrollIntoView({ block: "nearest" });
  };

  const take = (option) => {
    if (option.dataset.label) input.value = option.dataset.label;
    choose(option.dataset.choice);
    status.textContent = option.dataset.choice === "new" ? "Not on the list. Choose its country below." : `Chosen: ${input.value}`;
    close();
    input.focus();
  };

  const show = (found, typed) => {
    const rows = found.map((each) => {
      const option = element("li", { role: "option" }, each.name);
      option.append(" ", element("span", { class: "quiet" }, each.near ? `${each.where} · similar spelling` : each.where));
      Object.assign(option.dataset, { choice: each.id, label: `${each.name}, ${each.where}` });
      return option;
    });
    const add = element("li", { role: "option", "data-choice": "new" }, `Not on the list: add “${typed}”`);
    options = [...rows, add];
    options.forEach((each, at) => (each.id = `${list.id}_${at}`));
    list.replaceChildren(...options);
    point(-1);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = found.length ? `${found.length} found. Use the arrow keys.` : "None found. You can add it.";
  };

  const ask = async () => {
    const typed = input.value.trim();
    const number = ++asked;
    if (typed.length < LEAST) return close();
    try {
      const response = await fetch(`${box.dataset.combobox}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(response.status);
      const { found } = await response.json();
      if (number === asked && document.activeElement === input) show(found, typed);
    } catch {
      close(); // the form asks when it is sent
    }
  };

  input.addEventListener("input", () => {
    choose("");
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      if (list.hidden) return ask();
      const count = options.length;
      point(current < 0 ? (event.key === "ArrowDown" ? 0 : count - 1) : (current + steps[event.key] + count) % count);
    } else if (event.key === "Enter" && !list.hidden && current >= 0) {
      event.preventDefault();
      take(options[current]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", close);
  // Before the blur that a press causes.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

export function comboboxes(root) {
  for (const box of root.querySelectorAll("[data-combobox]")) combobox(box);
}
