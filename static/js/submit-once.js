/* A second click must not send a form twice. The server holds as well; this spares people the wait and the doubt. */

const AGAIN = 8_000;

function buttons(form) {
  return [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
}

export function submitOnce() {
  let held = [];
  const release = () => {
    for (const button of held) button.disabled = false;
    held = [];
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target || event.submitter?.formTarget || "repeatable" in form.dataset) return;
    const found = buttons(form);
    // After this turn, or the pressed button's own name and value would not be sent.
    setTimeout(() => {
      for (const button of found) button.disabled = true;
      held.push(...found);
    });
    // The page may stay: a download, a stopped load, a lost network.
    setTimeout(release, AGAIN);
  });
  window.addEventListener("pageshow", release);
}
