/* "Add to my list" without leaving the place: the page's parts are taken from the answer, the next button has the focus.
   Presses wait in a line, so that quick ones are all done, one after the other. */

const PARTS = ["where", "choosing", "found"];

async function answer(form, value) {
  const body = new FormData(form);
  body.append("add", value);
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
    const adds = () => [...area.querySelectorAll("button[name=add]")];
    let last = Promise.resolve();
    let waiting = 0;

    const add = async (value) => {
      const button = adds().find((each) => each.value === value);
      // Added meanwhile, or the list is full.
      if (!button || button.disabled) return;
      const index = adds().indexOf(button);
      const top = button.getBoundingClientRect().top;
      const parts = await answer(form, value);
      // What is ticked for comparing, and where the list of mentors is, stay.
      const ticked = [...area.querySelectorAll("input[name=mentor]:checked")].map((each) => each.value);
      parts.forEach((part) => replace(part, enhance));
      for (const box of area.querySelectorAll("input[name=mentor]")) box.checked = ticked.includes(box.value);
      const left = adds();
      const next = left[Math.min(index, left.length - 1)];
      const target = next && !next.disabled ? next : area.querySelector("#full") ?? area.querySelector("#words");
      target.focus({ preventScroll: true });
      window.scrollBy({ top: target.getBoundingClientRect().top - top, behavior: "instant" });
      area.querySelector("[data-autosave-status]").textContent = area.querySelector("[data-said]").dataset.said;
    };

    area.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=add]");
      if (!button || button.disabled) return;
      event.preventDefault();
      const { value } = button;
      waiting += 1;
      last = last
        .then(() => add(value))
        .catch(() => {
          // Signed out, or no network: the browser says so better than a script.
          const again = adds().find((each) => each.value === value);
          if (again) form.requestSubmit(again);
        })
        .finally(() => (waiting -= 1));
    });

    // Handed in while an addition is on its way: the list that goes is the one with it.
    form.addEventListener("submit", (event) => {
      const { submitter } = event;
      if (!waiting || submitter?.name !== "hand_in") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      last.then(() => form.requestSubmit(submitter));
    }, { capture: true });
  }
}
