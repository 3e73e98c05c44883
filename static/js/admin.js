/* The admin's share of the portal's scripts. */

import htmx from "htmx.org";
import { confirmation } from "./confirm.js";
import { localTimes } from "./local-times.js";
import { page } from "./page.js";
import { submitOnce } from "./submit-once.js";
import { unfold } from "./unfold.js";

/* In a table of rows to edit, a field is named by the head of its column. */
function nameCells(root) {
  for (const field of root.querySelectorAll(".tabular td :is(input:not([type=hidden]), select, textarea)")) {
    if (field.labels?.length || field.hasAttribute("aria-label")) continue;
    const cell = field.closest("td");
    const head = cell.closest("table").querySelectorAll("thead th")[cell.cellIndex - 1];
    const name = head?.textContent.trim() || cell.className.replace(/^field-/, "").replaceAll("_", " ");
    field.setAttribute("aria-label", name);
  }
}

/* Names that Django's own widgets lack, for people who listen to the page. */
function nameWidgets() {
  for (const hint of document.querySelectorAll("span.help-tooltip[aria-label]")) hint.setAttribute("role", "img");
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = select.labels[0]?.textContent.trim().replace(/:$/, "");
    if (!label) continue;
    const container = select.nextElementSibling;
    for (const part of container.querySelectorAll("[role=combobox], [role=textbox], .select2-search__field")) part.setAttribute("aria-label", label);
  }
  nameCells(document);
  for (const header of document.querySelectorAll(".inline-group thead th:empty")) {
    const text = document.createElement("span");
    text.className = "visually-hidden";
    text.textContent = header.classList.contains("original") ? "Row" : "Actions";
    header.append(text);
  }
}

window.htmx = htmx;
document.documentElement.classList.add("js");
page();
confirmation();
submitOnce();
localTimes(document);
unfold();
document.addEventListener("formset:added", (event) => nameCells(event.target));
// After Django's own scripts, which wait for jQuery's turn.
window.addEventListener("load", () => (window.django?.jQuery ? window.django.jQuery(nameWidgets) : nameWidgets()));
