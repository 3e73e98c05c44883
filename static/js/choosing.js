/* "Add to my list" without leaving the place: the page's two lists are taken from the answer, the next button has the focus. */

const PARTS = ["where", "choosing"];

async function answer(form, button) {
  const body = new FormData(form);
  body.append(button.name, button.value);
  const response = await fetch(location.pathname, { method: "POST", body, redirect: "error" });
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
  for (const form of root.querySelectorAll("form[data-choosing]")) {
    const adds = () => [...form.querySelectorAll("button[name=add]")];
    let busy = false;

    form.addEventListener("click", async (event) => {
      const button = event.target.closest("button[name=add]");
      if (!button || button.disabled) return;
      event.preventDefault();
      if (busy) return;
      busy = true;
      const index = adds().indexOf(button);
      const top = button.getBoundingClientRect().top;
      try {
        const parts = await answer(form, button);
        parts.forEach((part) => replace(part, enhance));
        const left = adds();
        const next = left[Math.min(index, left.length - 1)];
        const target = next && !next.disabled ? next : form.querySelector("#full") ?? form.querySelector("#words");
        target.focus({ preventScroll: true });
        window.scrollBy({ top: target.getBoundingClientRect().top - top, behavior: "instant" });
        form.querySelector("[data-autosave-status]").textContent = form.querySelector("[data-said]").dataset.said;
      } catch {
        // Signed out, or no network: the browser says so better than a script.
        form.requestSubmit(button);
      } finally {
        busy = false;
      }
    });
  }
}
