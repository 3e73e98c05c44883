/* "Add to my list" and "Remove" without leaving the place: the page's parts are taken from the answer, the next button has
   the focus. Presses wait in a line, so that quick ones are all done, one after the other. */

const PARTS = ["where", "choosing", "found"];
const PRESSED = "button[name=add], button[name=remove]";
// Where the focus goes when no button of that kind is left.
const AFTER = { add: ["full", "words"], remove: ["chosen"] };

async function answer(form, { name, value }) {
  const body = new FormData(form);
  body.append(name, value);
  const response = await fetch(location.pathname + location.search, { method: "POST", body, redirect: "error" });
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const parts = PARTS.map((id) => page.getElementById(id));
  if (parts.includes(null)) throw new Error("another page");
  return parts;
}

function replace(part, enhance) {
  const fresh = document.importNode(part, true);
  document.getElementById(part.id).replaceWith(fresh);
  enhance(fresh);
}

export function choosing(root, enhance) {
  for (const area of root.querySelectorAll("[data-choosing]")) {
    const form = area.querySelector("form[method=post]");
    const alike = ({ name }) => [...area.querySelectorAll(`button[name=${name}]`)];
    const again = (pressed) => alike(pressed).find((each) => each.value === pressed.value);
    let last = Promise.resolve();
    let waiting = 0;

    const press = async (pressed) => {
      const button = again(pressed);
      // Added or removed meanwhile, or the list is full.
      if (!button || button.disabled) return;
      const index = alike(pressed).indexOf(button);
      const top = button.getBoundingClientRect().top;
      const parts = await answer(form, pressed);
      // What is ticked for comparing, and where the list of mentors is, stay.
      const ticked = [...area.querySelectorAll("input[name=mentor]:checked")].map((each) => each.value);
      parts.forEach((part) => replace(part, enhance));
      for (const box of area.querySelectorAll("input[name=mentor]")) box.checked = ticked.includes(box.value);
      const left = alike(pressed);
      const next = left[Math.min(index, left.length - 1)];
      const target = next && !next.disabled ? next : AFTER[pressed.name].map((id) => document.getElementById(id)).find(Boolean);
      target.focus({ preventScroll: true });
      window.scrollBy({ top: target.getBoundingClientRect().top - top, behavior: "instant" });
      area.querySelector("[data-autosave-status]").textContent = area.querySelector("[data-said]").dataset.said;
    };

    area.addEventListener("click", (event) => {
      const button = event.target.closest(PRESSED);
      if (!button || button.disabled) return;
      event.preventDefault();
      const { name, value } = button;
      const pressed = { name, value };
      waiting += 1;
      last = last
        .then(() => press(pressed))
        .catch(() => {
          // Signed out, or no network: the browser says so better than a script.
          const button = again(pressed);
          if (button) form.requestSubmit(button);
        })
        .finally(() => (waiting -= 1));
    });

    // Handed in while a press is on its way: the list that goes is the one after it.
    form.addEventListener("submit", (event) => {
      const { submitter } = event;
      if (!waiting || submitter?.name !== "hand_in") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      last.then(() => form.requestSubmit(submitter));
    }, { capture: true });
  }
}
