/* The admin's share of the portal's scripts. */

import { confirmation } from "./confirm.js";
import { localTimes } from "./local-times.js";
import { page } from "./page.js";
import { submitOnce } from "./submit-once.js";

document.documentElement.classList.add("js");
page();
confirmation();
submitOnce();
localTimes(document);
