/* A link in a table that unfolds more below its row: a second press folds it up again. */

const MORE = "bench-more";

export function unfold() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest?.("tr");
    const more = row?.nextElementSibling;
    if (!more?.classList.contains(MORE)) return;
    event.preventDefault();
    more.remove();
    event.target.setAttribute("aria-expanded", "false");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const link = event.detail.requestConfig?.elt ?? event.target;
    if (event.detail.successful && link.closest?.("tbody[hx-target]")) link.setAttribute("aria-expanded", "true");
  });
}
