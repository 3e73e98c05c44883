/* A form with a button that saves: what is typed is kept in this browser until the server has it, so that a lost network or
   a session that ended takes nothing away. It comes back only onto the very answers it was typed over. */

const PREFIX = "kept:";

function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

function forget(keep = () => false) {
  attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && !keep(key)).forEach((key) => localStorage.removeItem(key)));
}

function controls(form) {
  return [...form.elements].filter((each) => each.name && !["submit", "button"].includes(each.type) && !["csrfmiddlewaretoken", "next"].includes(each.name));
}

function values(form) {
  return JSON.stringify(controls(form).map((each) => [each.name, /^(radio|checkbox)$/.test(each.type) ? each.checked : each.value]));
}

function putBack(form, kept) {
  const given = JSON.parse(kept);
  controls(form).forEach((each, number) => {
    const [, value] = given[number];
    if (/^(radio|checkbox)$/.test(each.type)) each.checked = value;
    else each.value = value;
  });
}

function keepOf(form, key) {
  const base = values(form);
  const found = attempt(() => JSON.parse(localStorage.getItem(key)));
  if (found?.base === base && attempt(() => JSON.parse(found.now).length) === controls(form).length) {
    putBack(form, found.now);
    const told = form.querySelector("[data-keep-status]");
    told.hidden = false;
    told.textContent = "What you typed here before is back. It is not saved yet.";
  } else attempt(() => localStorage.removeItem(key));

  const keep = () => {
    const now = values(form);
    attempt(() => (now === base ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify({ base, now }))));
  };
  for (const event of ["input", "change", "focusout", "submit"]) form.addEventListener(event, keep);
}

export function keeping() {
  const { person } = document.body.dataset;
  if (!person) return;
  // Another person at this browser: what was typed is not theirs to find.
  forget((key) => key.startsWith(`${PREFIX}${person}:`));
  for (const form of document.querySelectorAll("form[data-keep]")) keepOf(form, `${PREFIX}${person}:${location.pathname}`);
  document.addEventListener("submit", (event) => event.target.action?.endsWith("/logout/") && forget());
}
