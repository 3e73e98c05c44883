/* Small manners of every page. */

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

export function page() {
  document.querySelector("[data-error-summary]")?.focus();

  // A link in the summary should land in the field, also when the field is a group of choices.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-error-summary] a[href^='#']");
    if (!link) return;
    const id = link.hash.slice(1);
    const field = document.getElementById(id) || document.getElementById(`${id}_0`) || document.getElementById(`div_${id}`);
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    const target = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
    target?.focus({ preventScroll: true });
  });

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    event.target.closest("[data-dismiss]")?.closest(".note")?.remove();
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const source = document.querySelector(copy.dataset.copy);
      navigator.clipboard.writeText(source.value ?? source.textContent.trim()).then(() => {
        copy.textContent = "Copied";
      });
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  document.addEventListener("change", (event) => {
    const source = event.target.closest("[data-submit-on-change]");
    if (source) (source.form ?? source).requestSubmit();
  });

  // A passkey that was refused or called off: the account pages' own script only logs it.
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.querySelector("#passkey-error")?.remove();
    const note = document.createElement("p");
    note.id = "passkey-error";
    note.className = "note note-bad";
    note.setAttribute("role", "alert");
    note.textContent = "The passkey or security key was not accepted, or you stopped it. Try again, or use another way.";
    document.querySelector("main h1").after(note);
  });

  for (const button of document.querySelectorAll("[data-print][hidden]")) button.hidden = false;
  if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}
