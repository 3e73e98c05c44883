/* Every page works without this file; it makes some of them nicer. */

import htmx from "htmx.org";
import { autosave } from "./autosave.js";
import { checklists } from "./checklist.js";
import { choosing } from "./choosing.js";
import { closing } from "./closing.js";
import { comboboxes } from "./combobox.js";
import { confirmation } from "./confirm.js";
import { counters } from "./counters.js";
import { fields, leftBehind } from "./fields.js";
import { keeping } from "./keep.js";
import { localTimes } from "./local-times.js";
import { page } from "./page.js";
import { rankedLists } from "./ranked.js";
import { submitOnce } from "./submit-once.js";

window.htmx = htmx;
document.documentElement.classList.add("js");

// htmx posts need Django's token; the cookie is out of a script's reach, the page's forms are not.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token) event.detail.headers["X-CSRFToken"] = token.value;
});

function enhance(root) {
  localTimes(root);
  counters(root);
  checklists(root);
  comboboxes(root);
  rankedLists(root);
  autosave(root);
  fields(root);
  choosing(root, enhance);
  closing(root);
}

page();
confirmation();
submitOnce();
keeping();
enhance(document);
leftBehind();
htmx.onLoad((element) => {
  if (element !== document.body) enhance(element);
});
