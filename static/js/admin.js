/* The admin's share of the portal's scripts. */

import { confirmation } from "./confirm.js";
import { localTimes } from "./local-times.js";
import { page } from "./page.js";
import { submitOnce } from "./submit-once.js";

/* Names that Django's own widgets lack, for people who listen to the page. */
function nameWidgets() {
  for (const hint of document.querySelectorAll("span.help-tooltip[aria-label]")) hint.setAttribute("role", "img");
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = select.labels[0]?.textContent.trim().replace(/:$/, "");
    if (!label) continue;
    const container = select.nextElementSibling;
    for (const part of container.querySelectorAll("[role=combobox], [role=textbox], .select2-search__field")) part.setAttribute("aria-label", label);
  }
  for (const header of document.querySelectorAll(".inline-group thead th:empty")) {
    const text = document.createElement("span");
    text.className = "visually-hidden";
    text.textContent = header.classList.contains("original") ? "Row" : "Actions";
    header.append(text);
  }
}

document.documentElement.classList.add("js");
page();
confirmation();
submitOnce();
localTimes(document);
// After Django's own scripts, which wait for jQuery's turn.
window.addEventListener("load", () => (window.django?.jQuery ? window.django.jQuery(nameWidgets) : nameWidgets()));
